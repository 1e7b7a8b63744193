// Crypto and proxy behaviour were chosen for Node 24 (docs/adr/0001): a test run on another major proves nothing about it.
if (Number(process.versions.node.split('.')[0]) < 22) {
  throw new Error(`The tests need Node 22.22 or newer, this is ${process.version}. Run them with "npm test".`);
}
