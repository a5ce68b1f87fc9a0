#include "gateway/net/spine_exchange_store.h"

#include <utility>

#include "gateway/store/settle.h"

namespace cpis::net {
namespace {

constexpr std::string_view columns =
    "SELECT question_id, message_id, nhs_number, pattern, asked_at, deadline_at, keep_until, "
    "attempts, state, outcome, maybe_received, error_kind, error_text, answered_at, is_late, "
    "answer FROM spine_exchange ";

std::string cut(std::string_view text, std::size_t most) {
  return std::string{text.substr(0, most)};
}

Result<KeptExchange> kept_from(const store::Row& row) {
  const auto person = NhsNumber::from_value(static_cast<std::uint64_t>(row.integer(2)));
  const bool in_range = row.integer(3) >= 0 && row.integer(3) <= 2 && row.integer(8) >= 0 &&
                        row.integer(8) <= 3 && row.integer(9) >= 0 && row.integer(9) <= 3 &&
                        row.integer(11) >= 0 &&
                        row.integer(11) < static_cast<std::int64_t>(error_kinds);
  if (!person || !in_range) return Error{ErrorKind::fault, "a row of spine_exchange is damaged"};
  spine::Exchange exchange{std::string{row.text(0)}, std::string{row.text(1)}, *person};
  exchange.pattern = static_cast<spine::Pattern>(row.integer(3));
  exchange.asked = from_micros(row.integer(4));
  exchange.deadline = from_micros(row.integer(5));
  exchange.keep_until = from_micros(row.integer(6));
  exchange.attempts = static_cast<int>(row.integer(7));
  exchange.state = static_cast<spine::ExchangeState>(row.integer(8));
  exchange.outcome = static_cast<spine::Outcome>(row.integer(9));
  exchange.may_have_been_received = row.integer(10) != 0;
  exchange.why = {static_cast<ErrorKind>(row.integer(11)), std::string{row.text(12)}};
  exchange.late_answer = row.integer(14) != 0;
  KeptExchange kept{std::move(exchange), std::string{row.text(15)}, std::nullopt};
  if (const auto at = row.optional_integer(13)) kept.answered_at = from_micros(*at);
  return kept;
}

Result<std::vector<KeptExchange>> select(store::Session& session, const std::string& sql,
                                         std::initializer_list<store::Value> params) {
  std::vector<KeptExchange> found;
  const Status read = session.query(sql, params, [&](const store::Row& row) -> Status {
    auto kept = kept_from(row);
    if (!kept) return kept.error();
    found.push_back(std::move(*kept));
    return done;
  });
  if (!read) return read.error();
  return found;
}

Result<std::optional<KeptExchange>> first(Result<std::vector<KeptExchange>> found) {
  if (!found) return found.error();
  if (found->empty()) return std::optional<KeptExchange>{};
  return std::optional<KeptExchange>{std::move(found->front())};
}

}  // namespace

Result<bool> insert_exchange(store::Session& session, const spine::Exchange& exchange) {
  const auto rows = session.execute(
      "INSERT INTO spine_exchange (question_id, message_id, nhs_number, pattern, asked_at, "
      "deadline_at, keep_until, attempts, state, outcome, maybe_received, error_kind, error_text, "
      "is_late, answer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?) "
      "{on_conflict_ignore:question_id}",
      {exchange.question_id, exchange.message_id,
       static_cast<std::int64_t>(exchange.person.value()),
       static_cast<std::int64_t>(exchange.pattern), to_micros(exchange.asked),
       to_micros(exchange.deadline), to_micros(exchange.keep_until), exchange.attempts,
       static_cast<std::int64_t>(exchange.state), static_cast<std::int64_t>(exchange.outcome),
       exchange.may_have_been_received ? 1 : 0, static_cast<std::int64_t>(exchange.why.kind),
       cut(exchange.why.message, 255), store::Value::blob("")});
  if (!rows) return rows.error();
  return *rows == 1;
}

Status update_exchange(store::Session& session, const spine::Exchange& exchange,
                       std::string_view answer, std::optional<Time> answered_at) {
  const std::string why = cut(exchange.why.message, 255);
  if (answer.empty()) {
    return store::any_rows(session.execute(
        "UPDATE spine_exchange SET attempts = ?, state = ?, outcome = ?, maybe_received = ?, "
        "error_kind = ?, error_text = ? WHERE question_id = ? AND state < 3",
        {exchange.attempts, static_cast<std::int64_t>(exchange.state),
         static_cast<std::int64_t>(exchange.outcome), exchange.may_have_been_received ? 1 : 0,
         static_cast<std::int64_t>(exchange.why.kind), why, exchange.question_id}));
  }
  const std::optional<std::int64_t> at =
      answered_at ? std::optional{to_micros(*answered_at)} : std::nullopt;
  return store::any_rows(session.execute(
      "UPDATE spine_exchange SET attempts = ?, state = ?, outcome = ?, maybe_received = ?, "
      "error_kind = ?, error_text = ?, answered_at = ?, is_late = ?, answer = ? "
      "WHERE question_id = ?",
      {exchange.attempts, static_cast<std::int64_t>(exchange.state),
       static_cast<std::int64_t>(exchange.outcome), exchange.may_have_been_received ? 1 : 0,
       static_cast<std::int64_t>(exchange.why.kind), why, at, exchange.late_answer ? 1 : 0,
       store::Value::blob(answer), exchange.question_id}));
}

Status keep_late_answer(store::Session& session, std::string_view question_id,
                        std::string_view answer, Time at) {
  return store::any_rows(session.execute(
      "UPDATE spine_exchange SET answered_at = ?, is_late = 1, answer = ? WHERE question_id = ?"
      " AND NOT (state = 3 AND outcome = ?)",
      {to_micros(at), store::Value::blob(answer), question_id,
       static_cast<std::int64_t>(spine::Outcome::answered)}));
}

Result<std::optional<KeptExchange>> exchange_by_question(store::Session& session,
                                                         std::string_view id) {
  return first(select(session, std::string{columns} + "WHERE question_id = ?", {id}));
}

Result<std::optional<KeptExchange>> exchange_by_message(store::Session& session,
                                                        std::string_view id) {
  return first(select(session, std::string{columns} + "WHERE message_id = ?", {id}));
}

Result<std::vector<spine::Exchange>> open_exchanges(store::Session& session, std::size_t most) {
  // A literal, so that SQLite finds the index of just these rows.
  static_assert(static_cast<int>(spine::ExchangeState::resolved) == 3);
  auto kept = select(session, std::string{columns} + "WHERE state < 3 ORDER BY deadline_at LIMIT ?",
                     {static_cast<std::int64_t>(most)});
  if (!kept) return kept.error();
  std::vector<spine::Exchange> open;
  for (KeptExchange& row : *kept) open.push_back(std::move(row.exchange));
  return open;
}

Result<std::vector<KeptExchange>> late_exchanges(store::Session& session, std::size_t most) {
  return select(session,
                std::string{columns} + "WHERE is_late = 1 ORDER BY answered_at DESC LIMIT ?",
                {static_cast<std::int64_t>(most)});
}

Result<bool> park(store::Session& session, const ParkedMessage& message) {
  const std::string id = cut(message.message_id, 128);
  const std::string ref = cut(message.ref_to, 128);
  const std::string action = cut(message.action, 64);
  const auto rows = session.execute(
      "INSERT INTO spine_parked (message_id, ref_to, action, received_at, body) "
      "VALUES (?, ?, ?, ?, ?) {on_conflict_ignore:message_id}",
      {id, ref, action, to_micros(message.received), store::Value::blob(message.body)});
  if (!rows) return rows.error();
  return *rows == 1;
}

}  // namespace cpis::net
