// What a program runs first whose clock a script sets forward, by as many seconds as CLOCK says.
const shift = Number(process.env['CLOCK']) * 1000;
const Actual = Date;

class LaterDate extends Actual {
  constructor(...args: [] | [number | string | Date]) {
    super(args[0] ?? LaterDate.now());
  }

  static override now(): number {
    return Actual.now() + shift;
  }
}

Object.assign(globalThis, { Date: LaterDate });
