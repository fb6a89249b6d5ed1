// The peers are installed only where the bench runs, and the types are checked where they are not.
declare module 'axios'
declare module 'got'
declare module 'impit'
declare module 'ky'
declare module 'undici'
