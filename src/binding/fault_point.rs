//! The switch of the fault points, for tests; only debug builds have it, and no typings tell of it.

use napi_derive::napi;

use crate::fault_point;

use super::client::NativeClient;

#[napi]
impl NativeClient {
    /// Gives the names of all stages.
    #[napi(skip_typescript)]
    pub fn fault_points() -> Vec<String> {
        fault_point::names()
    }

    /// Lets a stage panic the next time that a call comes by; tells whether there is such a stage.
    #[napi(skip_typescript)]
    pub fn arm_fault_point(stage: String) -> bool {
        fault_point::arm(&stage)
    }
}
