// What can be sent.

import type { Layer1, Layer1Body } from 'layer1'

interface Address {
  readonly reference: string
  readonly network: Network
  readonly tags?: readonly string[]
  readonly owner: { readonly name: string; readonly born: Date | null }
}

enum Network {
  Bitcoin = 'bitcoin',
  Ethereum = 'ethereum',
}

class Transfer {
  readonly reference: string
  #amount: bigint
  constructor(reference: string, amount: bigint) {
    this.reference = reference
    this.#amount = amount
  }
  toJSON(): { reference: string; amount: string } {
    return { reference: this.reference, amount: String(this.#amount) }
  }
}

type Tag = string & { readonly brand: 'tag' }
type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

declare const address: Address
declare const tag: Tag
declare const json: Json
declare const record: Record<string, unknown>
declare const frozen: Readonly<Record<string, number>>
declare const partial: Partial<Address>
declare const union: Address | Transfer | null
declare const object: object
declare const body: Layer1Body

export const bodies: readonly Layer1Body[] = [
  undefined,
  null,
  true,
  1,
  'text',
  `template ${1}`,
  {},
  { reference: 'REF-1', amount: '1.5', none: null, absent: undefined },
  // Only functions of these names are refused, and a literal shows that they are none.
  { pipe: 'steel', bind: 'cord', getAll: true },
  [],
  [1, 'two', { three: 3 }],
  ['a', 'b'] as const,
  Object.freeze([1, 2]),
  new Date(),
  new URL('https://layer1.com'),
  Network.Bitcoin,
  address,
  [address],
  { address },
  new Transfer('REF-1', 1n),
  [new Transfer('REF-1', 1n)] as const,
  tag,
  json,
  record,
  frozen,
  partial,
  union,
  object,
  // What was parsed is of type any.
  JSON.parse('{}'),
  body,
  Object.create(null),
  Buffer.from('bytes'),
  new Uint8Array(8),
  new Uint8Array(8).subarray(1),
  new Float64Array(1),
  new BigInt64Array(1),
  new DataView(new ArrayBuffer(8)),
]

export async function send(layer1: Layer1): Promise<void> {
  await layer1.post('/x', address)
  await layer1.put('/x', new Transfer('REF-1', 1n))
  await layer1.patch('/x', ['a', 'b'] as const)
  await layer1.request('DELETE', '/x', { body: address })
  await layer1.request('POST', '/x', { body: null })
  for (const each of bodies) {
    await layer1.post('/x', each, null)
    await layer1.put('/x', each, undefined)
    await layer1.patch('/x', each, {})
    await layer1.request('POST', '/x', { body: each })
  }
}

/** A wrapper of a program's own. */
export async function sendAny<Body extends object>(layer1: Layer1, given: Body): Promise<unknown> {
  return await layer1.post('/x', given)
}
