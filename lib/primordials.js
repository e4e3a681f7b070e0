'use strict'
// Globals and their methods as they were at load: a program that replaces them does not reach our tasks. A method takes its receiver as the first argument; V8 inlines such a call as it does the method's.

const { bind, call } = Function.prototype
/** @type {(method: any) => (receiver: any, ...args: any[]) => any} */
const uncurryThis = bind.bind(call)

module.exports = {
  SafePromise: Promise,
  ArrayPrototype: Array.prototype,
  /** @type {(array: any[], separator: string) => string} */
  ArrayPrototypeJoin: uncurryThis(Array.prototype.join),
  /** @type {(registry: FinalizationRegistry<any>, object: object, held: any) => void} */
  FinalizationRegistryPrototypeRegister: uncurryThis(FinalizationRegistry.prototype.register),
  /** @type {(map: Map<any, any>, key: any) => boolean} */
  MapPrototypeDelete: uncurryThis(Map.prototype.delete),
  /** @type {(map: Map<any, any>, key: any) => any} */
  MapPrototypeGet: uncurryThis(Map.prototype.get),
  /** @type {(map: Map<any, any>) => number} */
  MapPrototypeGetSize: uncurryThis(/** @type {any} */ (Object.getOwnPropertyDescriptor(Map.prototype, 'size')).get),
  /** @type {(map: Map<any, any>, key: any, value: any) => void} */
  MapPrototypeSet: uncurryThis(Map.prototype.set),
  MathMax: Math.max,
  MathMin: Math.min,
  MathTrunc: Math.trunc,
  ObjectCreate: Object.create,
  ObjectDefineProperty: Object.defineProperty,
  ObjectGetOwnPropertyDescriptor: Object.getOwnPropertyDescriptor,
  ObjectGetPrototypeOf: Object.getPrototypeOf,
  ObjectHasOwn: Object.hasOwn,
  ObjectIs: Object.is,
  /** @type {(promise: Promise<any>, onFulfilled: (value: any) => any) => Promise<any>} */
  PromisePrototypeThen: uncurryThis(Promise.prototype.then),
  ReflectApply: Reflect.apply,
  ReflectConstruct: Reflect.construct,
  SafeProxy: Proxy,
  /** @type {(string: string, index: number) => number} */
  StringPrototypeCharCodeAt: uncurryThis(String.prototype.charCodeAt),
  /** @type {(string: string, search: string) => boolean} */
  StringPrototypeIncludes: uncurryThis(String.prototype.includes),
  /** @type {(string: string, search: string, from?: number) => number} */
  StringPrototypeIndexOf: uncurryThis(String.prototype.indexOf),
  /** @type {(string: string, begin: number, end?: number) => string} */
  StringPrototypeSlice: uncurryThis(String.prototype.slice),
  /** @type {(string: string, text: string) => boolean} */
  StringPrototypeStartsWith: uncurryThis(String.prototype.startsWith)
}
