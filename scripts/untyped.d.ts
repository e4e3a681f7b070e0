// Dependencies of examples/ and bench/ are installed there, and only when those run: for the type check they are `any`.
declare module 'express'
declare module 'autocannon'
