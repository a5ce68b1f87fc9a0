#include <algorithm>
#include <iostream>
#include <string_view>

#include "fhir/json/reader.h"
#include "fhir/tree/document.h"
#include "gateway/app/feed_mappings.h"
#include "gateway/console/commands.h"
#include "gateway/console/console.h"
#include "gateway/console/http_get.h"
#include "gateway/fhir_api/message_pages.h"
#include "gateway/observe/clock.h"
#include "gateway/store/open.h"

namespace cpis::console {
namespace {

constexpr std::string_view pages = "/admin/messages";

struct Question {
  bool changes = false;  ///< POST
  bool full = false;     ///< the message itself, which is audited
  std::string below;     ///< path after /admin/messages, with its slash
  std::string query;     ///< without its question mark
};

// The body of a good answer; otherwise nothing, with the reason on standard error.
std::optional<std::string> body_of(const Result<Fetched>& fetched) {
  if (fetched && fetched->status == 200) return fetched->body;
  std::cerr << (fetched ? "the gateway answered HTTP " + std::to_string(fetched->status) + ' ' +
                              fetched->body
                        : fetched.error().message)
            << '\n';
  return std::nullopt;
}

// Whoever can read the configuration and the store may read its messages; who it was is audited.
auth::Identity operator_named(const std::string& name) {
  auth::Identity who;
  who.client = "console";
  who.caller.kind = Caller::Kind::person;
  who.caller.user_id = who.caller.person_name = name;
  who.admin = who.read_messages = true;
  return who;
}

// The pages of a running gateway, made here from its store. Reading goes on beside a gateway; what
// writes (replay, and a full reading, which is audited) needs the store for itself on SQLite.
std::optional<std::string> ask_store(const MessageOptions& options, const Question& question) {
  const bool writes = question.changes || question.full;
  if (writes && options.by.empty()) {
    std::cerr << "say who asks with --by: it is audited\n";
    return std::nullopt;
  }
  const auto settings = load_settings(options.config);
  if (!settings) return std::nullopt;
  store::OpenOptions how;
  how.read_only = !writes && settings->store_url.find("mysql://") == std::string::npos;
  auto database = store::open_database(settings->store_url, how);
  const auto query = http::QueryString::parse(question.query);
  if (!database || !query) {
    std::cerr << (database ? query.error().message
                           : "the store cannot be opened: " + database.error().message)
              << '\n';
    return std::nullopt;
  }
  const observe::SystemClock clock;
  Findings unread;  // check-config tells them
  const auto mappings = app::read_feed_mappings(*settings, unread);
  const auto reading = [&](std::string_view feed) {
    return fhir_api::reading_for(*settings, mappings, feed);
  };
  const fhir_api::MessagePages stored{**database, clock, reading, {}};
  const auth::Identity who = operator_named(options.by);
  const std::string_view below =
      std::string_view{question.below}.substr(std::min<std::size_t>(question.below.size(), 1));
  const http::Response answer = question.changes ? stored.post(below, *query, who)
                                : below.empty()  ? stored.list(*query)
                                                 : stored.get(below, *query, who);
  (*database)->close();
  if (answer.status == 200) return answer.body;
  std::cerr << answer.body << '\n';
  return std::nullopt;
}

std::optional<std::string> ask(const MessageOptions& options, const Question& question) {
  if (!options.config.empty()) return ask_store(options, question);
  const std::string url = options.url + std::string{pages} + question.below +
                          (question.query.empty() ? "" : "?" + question.query);
  return body_of(question.changes ? http_post(url, options.token) : http_get(url, options.token));
}

bool read_page(const std::string& body, fhir::Document& page) {
  fhir::Issues issues;
  fhir::json::ReadOptions fragment;
  fragment.fragment = true;
  return fhir::json::read_view(body, page, issues, fragment);
}

void add(std::string& query, std::string_view name, const std::string& value) {
  if (value.empty()) return;
  query += (query.empty() ? "" : "&") + http::write_query({{std::string{name}, value}});
}

int print(const std::optional<std::string>& body) {
  if (!body) return exit_failed;
  std::cout << *body << '\n';
  return exit_ok;
}

}  // namespace

int list_messages(const MessageOptions& options) {
  Question question;
  add(question.query, "count", std::to_string(options.count));
  add(question.query, "feed", options.feed);
  add(question.query, "state", options.state);
  add(question.query, "after", options.after);
  const auto body = ask(options, question);
  fhir::Document page;
  if (!body || !read_page(*body, page)) return exit_failed;
  for (const fhir::Element& row : page.root().children("messages")) {
    for (const std::string_view column :
         {"id", "received", "feed", "state", "control_id", "reason"}) {
      std::cout << row.value_of(column) << '\t';
    }
    std::cout << '\n';
  }
  return exit_ok;
}

int show_message(const MessageOptions& options) {
  Question question;
  question.below = '/' + options.id;
  if (options.full) {
    question.full = true;
    question.query = "full=yes";
    const auto body = ask(options, question);
    if (!body) return exit_failed;
    for (const char c : *body) std::cout << (c == '\r' ? '\n' : c);
    return exit_ok;
  }
  const auto body = ask(options, question);
  fhir::Document page;
  if (!body || !read_page(*body, page)) return exit_failed;
  for (const std::string_view line : {"id", "received", "feed", "state", "attempts", "reason"}) {
    const auto value = page.root().value_of(line);
    if (!value.empty()) std::cout << line << ": " << value << '\n';
  }
  std::cout << page.root().value_of("explanation");
  return exit_ok;
}

int replay_messages(const MessageOptions& options) {
  Question question;
  question.changes = true;
  question.below = "/replay";
  add(question.query, "from", options.id);
  add(question.query, "to", options.to.empty() ? options.id : options.to);
  add(question.query, "feed", options.feed);
  add(question.query, "state", options.state);
  return print(ask(options, question));
}

int send_alert_again(const MessageOptions& options) {
  return print(body_of(
      http_post(options.url + "/admin/alerts/" + options.id + "/send-again", options.token)));
}

}  // namespace cpis::console
