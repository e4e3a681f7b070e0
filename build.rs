//! Link settings of the addon.

fn main() {
    napi_build::setup();
    let target = std::env::var("TARGET").unwrap_or_default();
    println!("cargo::rustc-env=SIDELANE_TARGET={target}");
    // Our threads (rayon's, and the runner of a one-thread pool) outlive the worker that loaded the addon; an unload
    // under them would be a crash. Node closes the library when the last environment that loaded it ends.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
