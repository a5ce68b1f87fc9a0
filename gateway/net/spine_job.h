#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/net/spine_source.h"

namespace cpis::net {

inline const CouldNotAsk too_many_wait{{ErrorKind::busy, "too many questions are waiting"}, false};
inline const CouldNotAsk store_is_full{{ErrorKind::busy, "the store's queue is full; try again"},
                                       false};

/// A question on its way out: what is needed to send it, and to send the same bytes again.
struct SpineSource::Job {
  ProtectionQuestion question;
  store::Work asked;  ///< the asker's trace; empty when there is none or it is kept
  spine::Exchange exchange;
  std::optional<spine::Contract> contract = {};  ///< empty: SDS has to be asked first
  spine::HttpContent content = {};
  std::optional<WorkerPool::Place> place = {};  ///< in the pool, until it is sent
  bool row_is_new = false;                      ///< set by the store's thread
};

/// Somebody who asked and has not been told yet.
struct SpineSource::Waiter {
  Done told;
  std::function<store::Work(const ProtectionAnswer&)> trace = {};  ///< of the answer; may be empty
};

/// An outcome between its being known and its being told.
struct SpineSource::Telling {
  spine::Exchange exchange;
  std::string answer;  ///< the message, verbatim
  std::optional<Time> answered_at;
  ProtectionAnswer outcome;
  std::vector<Waiter> waiters = {};
  std::vector<store::Work> traces = {};  ///< one for each of them; empty: nothing to write
  bool apart = false;                    ///< the traces are written by themselves
  std::function<void(const Status&)> kept = {};
};

/// A message from Spine that is being taken.
struct SpineSource::Arrived {
  spine::EbxmlMessage message;
  std::optional<spine::Answer> answer;  ///< in it, when it can be read
  spine::InboundDecision decision;
  Replied replied;
};

}  // namespace cpis::net
