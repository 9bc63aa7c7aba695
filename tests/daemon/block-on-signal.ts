/** Loaded before the program: at SIGUSR2 its main loop hangs for good, as an endless loop would make it. */
process.on('SIGUSR2', () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})
