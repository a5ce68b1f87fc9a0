#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/protection.h"
#include "adapters/core/result.h"
#include "adapters/spine/ebxml.h"
#include "adapters/spine/reply.h"

namespace cpis::spine {

/// Where one query stands.
///
///     ready -> sending -> waiting -> resolved
///                 ^---------'  (a resend that is known to be harmless)
///
/// It has one id, one deadline and one outcome. Whatever happens, the caller is told exactly once.
enum class ExchangeState : std::uint8_t {
  ready,     ///< never left this machine
  sending,   ///< an attempt is under way
  waiting,   ///< taken, or perhaps taken: only an answer or the deadline ends it
  resolved,  ///< the caller has been told
};

/// What the caller was told.
enum class Outcome : std::uint8_t {
  open,
  answered,   ///< with records or with NRF; the answer's bytes are kept by the store
  refused,    ///< definitely not asked, or definitely answered with an error
  timed_out,  ///< the deadline passed; the answer may still come
};

/// What to do next.
enum class Next : std::uint8_t {
  nothing,
  send,       ///< send the bytes at `next_attempt`, always the same bytes
  tell,       ///< tell the caller, now and once
  keep_late,  ///< the caller has been told already: keep this answer and show it as late
  drop,       ///< a repetition of what is known
};

/// One query, as a plain value. The functions below move it; they do no I/O and know no clock.
struct Exchange {
  std::string question_id;  ///< the id of the question: one question, one exchange, for ever
  std::string message_id;   ///< of the one message, also the ebXML MessageId
  NhsNumber person;
  Pattern pattern = Pattern::reliable;
  Time asked{};
  Time deadline{};
  Time keep_until{};  ///< late answers are matched until then
  /// As long as the receiver remembers the message id: after it, what may have been received is not
  /// sent again, because it would count as another question.
  Time resend_until = Time::max();
  int attempts = 0;
  int attempts_max = 4;
  Duration retry_interval{100'000};
  Time next_attempt{};
  ExchangeState state = ExchangeState::ready;
  Outcome outcome = Outcome::open;
  bool may_have_been_received = false;
  bool late_answer = false;  ///< an answer came after the caller had been told
  Error why{ErrorKind::timeout, ""};

  friend bool operator==(const Exchange& a, const Exchange& b) {
    return a.question_id == b.question_id && a.message_id == b.message_id && a.state == b.state &&
           a.outcome == b.outcome && a.attempts == b.attempts;
  }
};

/// Begins an attempt: `send` when it may be sent now, `tell` when it is too late to begin.
Next begin_attempt(Exchange& exchange, Time now);
/// The connection could not be made: nothing left this machine.
Next on_not_sent(Exchange& exchange, Time now, const Error& why);
/// The connection broke when something may have been received. Only the reliable pattern may send
/// the same bytes again, because there the receiver eliminates duplicates.
Next on_lost(Exchange& exchange, Time now, const Error& why);
/// An HTTP response came.
Next on_reply(Exchange& exchange, const Reply& reply, Time now);
/// The answer came as a message of its own.
Next on_answer(Exchange& exchange, const Answer& answer, Time now);
/// Time passed.
Next on_time(Exchange& exchange, Time now);
/// The program was started again and found this exchange in the store. What was never sent is
/// resolved as not asked; what was sent waits for its answer until its deadline.
Next on_restart(Exchange& exchange, Time now);

/// What the caller is told about a resolved exchange. `answer` is the answer that was kept, if any.
ProtectionAnswer told(const Exchange& exchange, const std::optional<Answer>& answer);

/// The exchanges of one gateway, bounded. Not for use by two threads at a time.
class ExchangeTable {
 public:
  explicit ExchangeTable(std::size_t most) : most_{most} {}

  /// `busy` when the table is full; `conflict` when question or message is there already.
  Status add(Exchange exchange);
  Exchange* by_question(std::string_view id);
  Exchange* by_message(std::string_view id);
  void remove(std::string_view question_id);
  /// Resolved exchanges past `keep_until` are forgotten; the store keeps their history.
  void forget(Time now);
  /// Open exchanges whose deadline has passed or whose next attempt is due.
  std::vector<Exchange*> due(Time now);
  std::size_t open() const;
  std::size_t size() const { return by_question_.size(); }

 private:
  std::size_t most_;
  std::map<std::string, Exchange, std::less<>> by_question_;
  std::map<std::string, std::string, std::less<>> question_of_;  ///< by message id
};

/// Message ids that have come in, for as long as their sender may repeat them. Bounded: the oldest
/// go first.
class SeenMessages {
 public:
  SeenMessages(Duration keep, std::size_t most) : keep_{keep}, most_{most} {}
  /// True when it is new. Remembers it.
  bool first_time(const std::string& id, Time now);
  /// As if it had not come in: it could not be kept and will be sent again.
  void forget(std::string_view id);
  std::size_t size() const { return seen_.size(); }

 private:
  Duration keep_;
  std::size_t most_;
  std::map<std::string, Time, std::less<>> seen_;
  std::map<Time, std::vector<std::string>> by_time_;
};

/// What to do with an inbound ebXML message (spine.md 4.4). Never an HTTP error: Spine would send a
/// message again that can never be matched.
enum class Inbound : std::uint8_t {
  answer,       ///< to an exchange that is here
  park,         ///< acknowledged and kept aside: nothing refers to it
  duplicate,    ///< acknowledged again, not processed again
  signal,       ///< an acknowledgement or error about a message of ours
  misdirected,  ///< for another party: refused with 501314
};
struct InboundDecision {
  Inbound what = Inbound::park;
  bool acknowledge = false;
  std::string exchange;  ///< question id, with `answer` and `signal`
};
/// Finds the exchange by RefToMessageId, then by the application's messageRef (`refers_to`).
InboundDecision judge_inbound(const EbxmlMessage& message, std::string_view refers_to,
                              std::string_view our_party, ExchangeTable& table, SeenMessages& seen,
                              Time now);

}  // namespace cpis::spine
