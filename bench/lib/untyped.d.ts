// Peers without types of their own; what we use of them is little.
declare module 'autocannon'
declare module 'express'
declare module 'stream-json/streamers/StreamArray.js'
declare module 'papaparse'
