/** Whether two types are the very same: `any`, `unknown` and their like fit nothing but themselves. */
export type Same<Left, Right> =
  (<Probe>() => Probe extends Left ? 1 : 2) extends <Probe>() => Probe extends Right ? 1 : 2 ? true : false

/** Compiles only where the claim in its type argument holds. */
export declare function holds<_Claim extends true>(): void
