// Loaded into the console by a test (node --import): a defect that nobody catches, at a time the test chooses.
process.on('SIGUSR2', () => {
  throw new Error('a defect made by the test');
});
