// ES modules that must not compile.

// @ts-expect-error there is no default export: the names are imported one by one
import layer1 from 'layer1'

export const type = layer1.Layer1
