#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/spine/exchange.h"
#include "gateway/store/database.h"

namespace cpis::net {

/// An exchange with what was answered to it, as it stands in the store.
struct KeptExchange {
  spine::Exchange exchange;
  std::string answer;  ///< the message, verbatim; empty when there is none
  std::optional<Time> answered_at;
};

/// A message that nothing refers to.
struct ParkedMessage {
  std::string message_id;
  std::string ref_to;
  std::string action;
  Time received{};
  std::string body;
};

/// The rows of `spine_exchange` and `spine_parked`. To be called inside a transaction.
///
/// `insert_exchange` is false, and changes nothing, when the question was asked before.
Result<bool> insert_exchange(store::Session& session, const spine::Exchange& exchange);
/// `update_exchange` without an answer changes nothing of an exchange that has an outcome, and
/// never takes an answer away: another gateway on the store may have had it.
Status update_exchange(store::Session& session, const spine::Exchange& exchange,
                       std::string_view answer, std::optional<Time> answered_at);
/// Adds an answer that came too late; nothing when the question was answered.
Status keep_late_answer(store::Session& session, std::string_view question_id,
                        std::string_view answer, Time at);
Result<std::optional<KeptExchange>> exchange_by_question(store::Session& session,
                                                         std::string_view id);
Result<std::optional<KeptExchange>> exchange_by_message(store::Session& session,
                                                        std::string_view id);
/// Those that were not resolved when the program ended.
Result<std::vector<spine::Exchange>> open_exchanges(store::Session& session, std::size_t most);
/// Answers that came too late, newest first.
Result<std::vector<KeptExchange>> late_exchanges(store::Session& session, std::size_t most);
/// False when it was parked before.
Result<bool> park(store::Session& session, const ParkedMessage& message);

}  // namespace cpis::net
