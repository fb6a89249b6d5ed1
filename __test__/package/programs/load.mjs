// Loads the package with import, and tells how that ended as a caller sees it. In the JavaScript of old Nodes.

import('layer1').then(
  function loaded(module) {
    console.log(JSON.stringify({ loaded: typeof module.Layer1 }))
  },
  function failed(error) {
    console.log(JSON.stringify({ name: error.name, code: error.code, message: error.message }))
  },
)
