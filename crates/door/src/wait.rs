//! Waiting for what the host announces, in as few calls of the host as that takes: each costs a good part of a microsecond.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use spin_executor::{CancelOnDropToken, push_waker_and_get_token};
use wasi::io::poll::Pollable;

/// Waits until `pollable` is ready.
///
/// The pollable goes when this is dropped, as it must before what it belongs to.
pub(crate) fn ready(pollable: Pollable) -> Ready {
    Ready {
        state: State::New(pollable),
    }
}

/// The future of [`ready`]. Polled because something else has happened, it asks the host nothing.
pub(crate) struct Ready {
    state: State,
}

enum State {
    New(Pollable),
    Waiting(Arc<Signal>, CancelOnDropToken),
    Done,
}

/// Notes that the pollable is ready, and passes it on to the task.
struct Signal {
    fired: AtomicBool,
    task: Mutex<Waker>,
}

impl Signal {
    fn task(&self) -> std::sync::MutexGuard<'_, Waker> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.fired.store(true, Ordering::Relaxed);
        self.task().wake_by_ref();
    }
}

impl Future for Ready {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.state = match std::mem::replace(&mut self.state, State::Done) {
            State::New(pollable) => {
                let signal = Arc::new(Signal {
                    fired: AtomicBool::new(false),
                    task: Mutex::new(context.waker().clone()),
                });
                let token = push_waker_and_get_token(pollable, signal.clone().into());
                State::Waiting(signal, token.into())
            }
            State::Waiting(signal, token) if !signal.fired.load(Ordering::Relaxed) => {
                signal.task().clone_from(context.waker());
                State::Waiting(signal, token)
            }
            State::Waiting(..) | State::Done => return Poll::Ready(()),
        };
        Poll::Pending
    }
}
