#include "gateway/fhir_api/message_pages.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "fhir/json/writer.h"
#include "fhir/tree/document.h"
#include "gateway/config/feed_rows.h"
#include "gateway/fhir_api/answers.h"

namespace cpis::fhir_api {
namespace {

using store::InboxItem;
using store::InboxState;
using store::InboxWanted;

constexpr std::size_t rows_default = 100;
constexpr std::size_t rows_max = 1000;
// Of one replay; a longer range is asked for again.
constexpr std::size_t replayed_max = 10'000;
constexpr std::array<std::string_view, 4> states{"waiting", "working", "finished", "quarantined"};

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::optional<InboxState> state_of(std::string_view name) {
  const auto found = std::ranges::find(states, name);
  if (found == states.end()) return std::nullopt;
  return static_cast<InboxState>(found - states.begin());
}

Error bad(std::string text) { return {ErrorKind::bad_input, std::move(text)}; }

// The filter a query asks for; `lower` is the name of its lower bound, `bias` what is taken off it.
Result<InboxWanted> wanted_of(const http::QueryString& query, std::string_view lower,
                              std::int64_t bias) {
  InboxWanted wanted;
  if (const auto text = query.first(lower)) {
    const auto id = number_of(*text);
    if (!id) return bad(std::string{lower} + " is the id of a message");
    wanted.after = *id - bias;
  }
  if (const auto text = query.first("to")) {
    const auto id = number_of(*text);
    if (!id) return bad("to is the id of a message");
    wanted.last = *id;
  }
  wanted.feed = query.first("feed").value_or("");
  if (const auto text = query.first("state")) {
    wanted.state = state_of(*text);
    if (!wanted.state) return bad("state is waiting, working, finished or quarantined");
  }
  return wanted;
}

void describe(fhir::Document& doc, fhir::Element& row, const InboxItem& item) {
  doc.append(row, "id", std::to_string(item.id));
  doc.append(row, "feed", item.feed);
  doc.append(row, "received", to_iso(item.received_at));
  doc.append(row, "state", states[static_cast<std::size_t>(item.state)]);
  doc.append(row, "control_id", item.control_id);
  doc.append(row, "attempts", std::to_string(item.attempts), fhir::Kind::number);
  if (!item.reason.empty()) doc.append(row, "reason", item.reason);
}

http::Response json_answer(const fhir::Document& doc) {
  http::Response response{200, "application/json", fhir::json::write(doc.root())};
  response.set("Cache-Control", "no-store");
  return response;
}

http::Response not_found() {
  return error_answer({ErrorKind::not_found, "there is no such message"});
}

}  // namespace

hl7v2::ExplainSettings reading_for(const config::Settings& settings,
                                   const usecases::FeedMappings& mappings, std::string_view feed) {
  hl7v2::ExplainSettings reading;
  reading.check = settings.check;
  reading.mapping_files = mappings.files_of(feed);
  const auto own = config::reading_by_name(settings, feed);
  reading.feed = own ? *own : config::reading_over_http(settings, feed);
  return reading;
}

Status MessagePages::trace(store::Session& session, const auth::Identity& who,
                           std::string_view action, std::string_view subject) const {
  const Caller& caller = who.caller;
  store::AuditEntry entry = store::entry_by(caller);
  entry.at = clock_.now();
  entry.source = who.client;
  entry.action = action;
  entry.subject = subject;
  entry.outcome = "allowed";
  const auto row = audit_.append(session, entry);
  if (!row) return row.error();
  return done;
}

http::Response MessagePages::list(const http::QueryString& query) const {
  const auto wanted = wanted_of(query, "after", 0);
  if (!wanted) return error_answer(wanted.error());
  const std::size_t count = std::min(
      static_cast<std::size_t>(number_of(query.first("count").value_or("")).value_or(rows_default)),
      rows_max);
  fhir::Document doc;
  fhir::Element& root = doc.set_fragment("");
  const Status read = database_.read([&](store::Session& session) -> Status {
    doc.clear_children(root);
    const auto items = inbox_.list(session, *wanted, count);
    if (!items) return items.error();
    for (const InboxItem& item : *items) describe(doc, doc.append_item(root, "messages"), item);
    return done;
  });
  return read ? json_answer(doc) : error_answer(read.error());
}

http::Response MessagePages::get(std::string_view below, const http::QueryString& query,
                                 const auth::Identity& who) const {
  const auto id = number_of(below);
  if (!id) return not_found();
  if (query.first("full").value_or("no") == "yes") return full(*id, who);
  std::optional<InboxItem> found;
  const Status read = database_.read([&](store::Session& session) -> Status {
    auto item = inbox_.find(session, *id);
    if (!item) return item.error();
    found = *std::move(item);
    return done;
  });
  if (!read) return error_answer(read.error());
  if (!found) return not_found();
  fhir::Document doc;
  fhir::Element& root = doc.set_fragment("");
  describe(doc, root, *found);
  hl7v2::ExplainSettings settings = reading_(found->feed);
  settings.today = london_date(found->received_at);
  doc.append(root, "bytes", std::to_string(found->body.size()), fhir::Kind::number);
  doc.append(root, "explanation", hl7v2::explain(found->body, settings));
  return json_answer(doc);
}

http::Response MessagePages::full(std::int64_t id, const auth::Identity& who) const {
  if (!who.read_messages) {
    return error_answer({ErrorKind::forbidden, "only for a client with read_messages"});
  }
  // The trace is committed before a byte is given away.
  std::optional<InboxItem> found;
  const Status read = database_.write([&](store::Session& session) -> Status {
    auto item = inbox_.find(session, id);
    if (!item) return item.error();
    found = *std::move(item);
    return found ? trace(session, who, "message.read", std::to_string(id)) : Status{done};
  });
  if (!read) return error_answer(read.error());
  if (!found) return not_found();
  http::Response response{200, "application/hl7-v2", std::move(found->body)};
  response.set("Cache-Control", "no-store");
  return response;
}

http::Response MessagePages::post(std::string_view below, const http::QueryString& query,
                                  const auth::Identity& who) const {
  if (below == "replay") {
    if (!query.first("from")) return error_answer(bad("from is the id of the first message"));
    const auto wanted = wanted_of(query, "from", 1);
    return wanted ? replay(*wanted, who) : error_answer(wanted.error());
  }
  const std::size_t slash = below.find('/');
  const auto id = number_of(below.substr(0, slash));
  if (slash == below.npos || below.substr(slash) != "/replay" || !id) return not_found();
  InboxWanted one;
  one.after = *id - 1;
  one.last = *id;
  return replay(one, who);
}

http::Response MessagePages::replay(const InboxWanted& wanted, const auth::Identity& who) const {
  std::int64_t replayed = 0;
  const std::string subject = std::to_string(wanted.after + 1) + ".." + std::to_string(wanted.last);
  const Status written = database_.write([&](store::Session& session) -> Status {
    if (const Status traced = trace(session, who, "message.replay", subject); !traced) {
      return traced;
    }
    const auto rows = inbox_.replay(session, wanted, replayed_max);
    if (!rows) return rows.error();
    replayed = *rows;
    return done;
  });
  if (!written) return error_answer(written.error());
  if (messages_wait_) messages_wait_();
  fhir::Document doc;
  fhir::Element& root = doc.set_fragment("");
  doc.append(root, "replayed", std::to_string(replayed), fhir::Kind::number);
  return json_answer(doc);
}

}  // namespace cpis::fhir_api
