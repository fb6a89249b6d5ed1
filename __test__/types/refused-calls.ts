// Calls that must not compile.

import type { CallOptions, Layer1, QueryValue } from 'layer1'
import { path } from 'layer1'

interface Pool {
  readonly id: string
}

declare const layer1: Layer1
declare const id: string | undefined
declare const pool: Pool

// @ts-expect-error no path
layer1.get()
// @ts-expect-error a URL is no path
layer1.get(new URL('https://api.layer1.com/x'))
// @ts-expect-error a path in parts
layer1.get(['x', 'y'])
// @ts-expect-error a misspelt option
layer1.get('/x', { queries: {} })
// @ts-expect-error another client's option
layer1.get('/x', { params: {} })
// @ts-expect-error a get has no body
layer1.get('/x', { body: {} })
// @ts-expect-error the body of a post is its second argument
layer1.post('/x', {}, { body: {} })
// @ts-expect-error nor is it an option of put
layer1.put('/x', {}, { body: {} })
// @ts-expect-error nor of patch
layer1.patch('/x', {}, { body: {} })
// @ts-expect-error a body of delete goes through request
layer1.delete('/x', { body: {} })
// @ts-expect-error nor has a list one
layer1.paginate('/x', { body: {} })
// @ts-expect-error a response type that there is not
layer1.get('/x', { responseType: 'stream' })
// @ts-expect-error a response type that there is not
layer1.post('/x', {}, { responseType: 'arrayBuffer' })
// @ts-expect-error a page is parsed JSON
layer1.paginate('/x', { responseType: 'text' })
// @ts-expect-error numbers are not read as BigInts
layer1.get('/x', { numbers: 'bigint' })
// @ts-expect-error text with a unit
layer1.get('/x', { timeout: '1s' })
// @ts-expect-error text for a number
layer1.get('/x', { maxRetries: '2' })
// @ts-expect-error a number for a switch
layer1.post('/x', {}, { idempotent: 1 })
// @ts-expect-error a controller for its signal
layer1.get('/x', { signal: new AbortController() })
// @ts-expect-error a list of pairs
layer1.get('/x', { headers: [['x-one', 'a']] })
// @ts-expect-error a map
layer1.get('/x', { headers: new Map([['x-one', 'a']]) })
// @ts-expect-error a header with a number
layer1.get('/x', { headers: { 'x-one': 1 } })
// @ts-expect-error a header of null
layer1.get('/x', { headers: { 'x-one': null } })
// @ts-expect-error options are an object
layer1.get('/x', 'json')
// @ts-expect-error no method
layer1.request('/x')
// @ts-expect-error a method that is no text
layer1.request(1, '/x')
// @ts-expect-error more than it takes
layer1.get('/x', {}, {})

// @ts-expect-error a query as text
layer1.get('/x', { query: 'pageSize=50' })
// @ts-expect-error a query as a list
layer1.get('/x', { query: [['pageSize', 50]] })
// @ts-expect-error an empty list is a list
layer1.get('/x', { query: [] })
// @ts-expect-error a map
layer1.get('/x', { query: new Map([['pageSize', 50]]) })
// @ts-expect-error headers are no query
layer1.get('/x', { query: new Headers() })
// @ts-expect-error nor is a form
layer1.get('/x', { query: new FormData() })
// @ts-expect-error nor a date
layer1.get('/x', { query: new Date() })
// @ts-expect-error nor a promise of one
layer1.get('/x', { query: Promise.resolve({}) })
// @ts-expect-error nor a function
layer1.get('/x', { query: () => ({}) })
// @ts-expect-error an object in a query
layer1.get('/x', { query: { filter: { state: 'open' } } })
// @ts-expect-error a list in a list
layer1.get('/x', { query: { states: [['open']] } })
// @ts-expect-error an object in a list
layer1.get('/x', { query: { states: [{ state: 'open' }] } })
// @ts-expect-error a function in a query
layer1.get('/x', { query: { state: () => 'open' } })
// @ts-expect-error a symbol in a query
layer1.get('/x', { query: { state: Symbol.iterator } })
// @ts-expect-error a URL in a query
layer1.get('/x', { query: { callback: new URL('https://shop.example') } })
// @ts-expect-error a promise in a query
layer1.get('/x', { query: { token: layer1.getToken() } })
// @ts-expect-error an object in the query of a list
layer1.paginate('/x', { query: { filter: { state: 'open' } } })
// @ts-expect-error an object is no value
export const value: QueryValue = { state: 'open' }

// @ts-expect-error a value that may be absent
path`/x/${id}`
// @ts-expect-error null
path`/x/${null}`
// @ts-expect-error an object
path`/x/${pool}`
// @ts-expect-error a list
path`/x/${['a', 'b']}`
// @ts-expect-error a date
path`/x/${new Date()}`
// @ts-expect-error a symbol
path`/x/${Symbol.iterator}`
// @ts-expect-error a promise
path`/x/${layer1.getToken()}`
// @ts-expect-error a function call instead of a tag
path('/x/1')

// @ts-expect-error what came is not known
layer1.get('/x').then((answer) => answer.id)
// @ts-expect-error nor is it a pool
layer1.get('/x').then((answer: Pool) => answer)
// @ts-expect-error the promise is no pool
layer1.get<Pool>('/x').id
// @ts-expect-error a pool has no such member
layer1.get<Pool>('/x').then((answer) => answer.balance)
// @ts-expect-error text has no members of a pool
layer1.get('/x', { responseType: 'text' }).then((answer) => answer.id)

/** What comes is of the type that was asked for, and no type argument changes that. */
export async function answers(): Promise<void> {
  const buffer = { responseType: 'buffer' } as const
  const text = { responseType: 'text' } as const
  const bytes = await layer1.get('/x', buffer)
  const { data } = await layer1.request('GET', '/x', buffer)
  const posted = await layer1.post<string>('/x', {}, buffer)
  const claimed = await layer1.get<Pool>('/x', text)
  // @ts-expect-error bytes are no text
  bytes.toUpperCase()
  // @ts-expect-error nor are those of a request
  data.toUpperCase()
  // @ts-expect-error nor those of a post, whatever it claims
  posted.toUpperCase()
  // @ts-expect-error text is no pool, whatever it claims
  claimed.id
  // @ts-expect-error the whole answer is no pool
  ;(await layer1.request<Pool>('GET', '/x')).id
  // @ts-expect-error a list is read asynchronously
  for (const item of layer1.paginate('/x')) console.log(item)
  // @ts-expect-error so are its pages
  for (const page of layer1.paginate('/x').pages()) console.log(page)
  // @ts-expect-error pages is a method
  for await (const page of layer1.paginate('/x').pages) console.log(page)
  // @ts-expect-error what is in the list is not known
  for await (const item of layer1.paginate('/x')) console.log(item.id)
  // @ts-expect-error a list is no array
  layer1.paginate('/x').map(String)
}

// @ts-expect-error the options of one call are not those of a client
export const options: CallOptions = { maxConnections: 1 }
