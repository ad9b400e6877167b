//! Ctrl-C and SIGTERM.

use tokio::signal::unix::{SignalKind, signal};

/// Waits for Ctrl-C or SIGTERM. From then on a second one ends the program at once.
pub(crate) async fn interrupted() {
    wait().await;
    tokio::spawn(async {
        wait().await;
        std::process::exit(i32::from(cairn_api::exit_code(cairn_api::ErrorCode::Cancelled)));
    });
}

async fn wait() {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            // Without a handler SIGTERM ends the program by itself.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
