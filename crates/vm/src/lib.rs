//! Running machines: QMP, the guest agent, hot-plug, and the machine task.
