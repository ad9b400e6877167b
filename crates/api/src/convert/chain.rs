//! The chain of files below a volume's present, from the engine's words into the wire's.

use cairn_engine as engine;

use crate::types::{Chain, ChainBase, OptimiserStatus};

impl From<engine::Chain> for Chain {
    fn from(value: engine::Chain) -> Self {
        let (optimiser, waiting_for, done_bytes, total_bytes) = match value.optimiser {
            engine::OptimiserState::Off => (OptimiserStatus::Off, None, 0, 0),
            engine::OptimiserState::Idle => (OptimiserStatus::Idle, None, 0, 0),
            engine::OptimiserState::Waiting { reason } => (OptimiserStatus::Waiting, Some(reason), 0, 0),
            engine::OptimiserState::Working { done_bytes, total_bytes } => {
                (OptimiserStatus::Working, None, done_bytes, total_bytes)
            }
        };
        let base = |base: engine::ChainBase| ChainBase { disk_bytes: base.disk_bytes, layers: base.layers.into() };
        Self {
            volume_id: value.volume_id.into(),
            files: value.files.into(),
            history: value.history.into(),
            base: value.base.map(base),
            optimiser,
            waiting_for,
            done_bytes,
            total_bytes,
        }
    }
}
