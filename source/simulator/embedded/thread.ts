import {isMainThread, parentPort, workerData} from 'node:worker_threads';
import {good} from '../../cluster/problem.ts';
import {machineTimer} from './machine-timer.ts';
import {type FromThread, isSetup, isToThread} from './message.ts';
import {serveCluster} from './serve-cluster.ts';
import {setStage} from './stage.ts';

// The thread of an embedded cluster: a program of its own, so that what it computes never delays a key of the console.
if (!isMainThread && parentPort !== null && isSetup(workerData)) {
  const port = parentPort;
  const say = (message: FromThread) => port.postMessage(message);
  const stage = setStage(workerData, machineTimer, say);
  const served = await serveCluster(stage.world);
  port.on('message', (message: unknown) => {
    if (!isToThread(message)) return;
    const {id, request} = message;
    if (request.ask !== 'close') {
      say({say: 'reply', id, outcome: stage.answer(request)});
      return;
    }
    stage.close();
    void served.close().then(() => {
      say({say: 'reply', id, outcome: good({text: '', lines: []})});
      port.close();
    });
  });
  say({say: 'ready', hosts: served.hosts, userKey: served.userKey});
}
