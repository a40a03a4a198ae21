import type {Token} from './tokens.ts';

/** A value of a select list, or an argument. */
export type Expression =
  | {kind: 'literal'; value: string | number | boolean | null}
  | {kind: 'column'; name: string}
  | {kind: 'call'; name: string; arguments: readonly Argument[]};

export type Argument = {name: string | undefined; value: Expression};

export type Condition = {column: string; operator: string; value: Expression};

/** What the embedded cluster understands of `select`: a list, one source, comparisons joined by `and`, an order and a limit. */
export type Select = {
  items: readonly {expression: Expression | '*'; as: string | undefined}[];
  from: {name: string; arguments: readonly Argument[] | undefined} | undefined;
  where: readonly Condition[];
  orderBy: {column: string; descending: boolean} | undefined;
  limit: number | undefined;
};

/** Parses the tokens of a select statement; `parameters` are put in for $1 and so on. undefined: not of this form. */
export function parseSelect(tokens: readonly Token[], parameters: readonly (string | null)[]): Select | undefined {
  const reader = createReader(tokens, parameters);
  try {
    return reader.select();
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}

class NotUnderstood extends Error {}

const keywords = ['from', 'where', 'order', 'limit', 'and', 'as', 'group', 'having', 'union', 'join', 'on', 'using'];

function createReader(tokens: readonly Token[], parameters: readonly (string | null)[]) {
  let at = 0;
  const peek = (ahead = 0) => tokens[at + ahead];
  const is = (text: string, ahead = 0) => {
    const token = peek(ahead);
    return token !== undefined && token.kind !== 'string' && token.text === text;
  };
  const take = (text: string) => {
    if (!is(text)) return false;
    at += 1;
    return true;
  };
  const expect = (text: string) => {
    if (!take(text)) throw new NotUnderstood();
  };
  const word = () => {
    const token = peek();
    if (token?.kind !== 'word') throw new NotUnderstood();
    at += 1;
    return token.text;
  };
  /** `a`, `pg_catalog.a`, `n.a`: the schema is kept only for pgautofailover, where names need it. */
  const name = () => {
    let text = word();
    while (take('.')) {
      const next = take('*') ? '*' : word();
      text = text === 'pgautofailover' ? `pgautofailover.${next}` : next;
    }
    return text;
  };

  const expression = (): Expression => {
    const value = operand();
    while (take('::')) {
      name();
      if (take('(')) while (!take(')')) at += advance();
      if (take('[')) expect(']');
    }
    return value;
  };
  const advance = () => {
    if (peek() === undefined) throw new NotUnderstood();
    return 1;
  };

  const operand = (): Expression => {
    const token = peek();
    if (token === undefined) throw new NotUnderstood();
    if (take('(')) {
      const inner = expression();
      expect(')');
      return inner;
    }
    if (token.kind === 'string') return literal(token.text);
    if (token.kind === 'number') return literal(Number(token.text));
    if (take('-')) {
      const number = peek();
      if (number?.kind !== 'number') throw new NotUnderstood();
      return literal(-Number(number.text));
    }
    if (token.kind === 'parameter') {
      const index = Number(token.text) - 1;
      if (index >= parameters.length) throw new NotUnderstood();
      return literal(parameters[index] ?? null);
    }
    if (token.kind !== 'word' || keywords.includes(token.text)) throw new NotUnderstood();
    if (token.text === 'true' || token.text === 'false') return literal(token.text === 'true');
    if (token.text === 'null') return literal(null);
    const called = name();
    if (called === '*') throw new NotUnderstood();
    return is('(') ? {kind: 'call', name: called, arguments: callArguments()} : {kind: 'column', name: called};
  };
  const literal = (value: string | number | boolean | null): Expression => {
    at += 1;
    return {kind: 'literal', value};
  };

  const callArguments = (): Argument[] => {
    expect('(');
    const list: Argument[] = [];
    if (take(')')) return list;
    if (take('*')) {
      expect(')');
      return list;
    }
    do {
      const named = peek()?.kind === 'word' && (is('=>', 1) || is(':=', 1));
      const key = named ? word() : undefined;
      if (named) at += 1;
      list.push({name: key, value: expression()});
    } while (take(','));
    expect(')');
    return list;
  };

  const position = () => {
    at += 1;
    return tokens[at - 1]?.text ?? '';
  };

  const item = (): Select['items'][number] => {
    if (take('*')) return {expression: '*', as: undefined};
    if (peek()?.kind === 'word' && is('.', 1) && is('*', 2)) {
      at += 3;
      return {expression: '*', as: undefined};
    }
    const value = expression();
    const next = peek();
    const labelled = take('as') || (next?.kind === 'word' && !keywords.includes(next.text));
    return {expression: value, as: labelled ? word() : undefined};
  };

  const source = (): NonNullable<Select['from']> => {
    const called = name();
    const given = is('(') ? callArguments() : undefined;
    const next = peek();
    if (take('as') || (next?.kind === 'word' && !keywords.includes(next.text))) word();
    return {name: called, arguments: given};
  };

  const condition = (): Condition => {
    const column = name();
    if (take('is')) {
      const not = take('not');
      expect('null');
      return {column, operator: not ? '<>' : '=', value: {kind: 'literal', value: null}};
    }
    const operator = peek()?.text ?? '';
    if (!['=', '<>', '!=', '<', '>', '<=', '>=', 'like'].includes(operator)) throw new NotUnderstood();
    at += 1;
    return {column, operator, value: expression()};
  };

  return {
    select(): Select {
      expect('select');
      const items = [item()];
      while (take(',')) items.push(item());
      const from = take('from') ? source() : undefined;
      const where: Condition[] = [];
      if (take('where')) {
        do where.push(condition());
        while (take('and'));
      }
      let orderBy: Select['orderBy'];
      if (take('order')) {
        expect('by');
        const column = peek()?.kind === 'number' ? position() : name();
        orderBy = {column, descending: take('desc')};
        take('asc');
      }
      let limit: number | undefined;
      if (take('limit')) {
        const value = expression();
        if (value.kind !== 'literal') throw new NotUnderstood();
        limit = Number(value.value);
      }
      take(';');
      if (peek() !== undefined) throw new NotUnderstood();
      return {items, from, where, orderBy, limit};
    },
  };
}
