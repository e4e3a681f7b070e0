'use strict'
// Globals and their methods as they were at load: a program that replaces them does not reach our tasks. A method takes its receiver as the first argument; V8 inlines such a call as it does the method's.

const { bind, call } = Function.prototype
/** @type {(method: any) => (receiver: any, ...args: any[]) => any} */
const uncurryThis = bind.bind(call)

module.exports = {
  SafePromise: Promise,
  ArrayPrototype: Array.prototype,
  MathMin: Math.min,
  ObjectCreate: Object.create,
  ObjectDefineProperty: Object.defineProperty,
  ReflectApply: Reflect.apply,
  /** @type {(string: string, search: string) => boolean} */
  StringPrototypeIncludes: uncurryThis(String.prototype.includes),
  /** @type {(string: string, search: string, from?: number) => number} */
  StringPrototypeIndexOf: uncurryThis(String.prototype.indexOf),
  /** @type {(string: string, begin: number, end?: number) => string} */
  StringPrototypeSlice: uncurryThis(String.prototype.slice)
}
