//! Link settings of the bench addon.

fn main() {
    napi_build::setup();
}
