// The example uses the checkout that it lies in. In a project of your own, delete this file and import from 'sidelane'.
export * from '../../index.mjs'
