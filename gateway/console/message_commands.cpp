#include <iostream>
#include <string_view>

#include "fhir/json/reader.h"
#include "fhir/tree/document.h"
#include "gateway/console/commands.h"
#include "gateway/console/console.h"
#include "gateway/console/http_get.h"

namespace cpis::console {
namespace {

constexpr std::string_view pages = "/admin/messages";

// The body of a good answer; otherwise nothing, with the reason on standard error.
std::optional<std::string> body_of(const Result<Fetched>& fetched) {
  if (fetched && fetched->status == 200) return fetched->body;
  std::cerr << (fetched ? "the gateway answered HTTP " + std::to_string(fetched->status) + ' ' +
                              fetched->body
                        : fetched.error().message)
            << '\n';
  return std::nullopt;
}

bool read_page(const std::string& body, fhir::Document& page) {
  fhir::Issues issues;
  fhir::json::ReadOptions fragment;
  fragment.fragment = true;
  return fhir::json::read_view(body, page, issues, fragment);
}

void add(std::string& query, std::string_view name, const std::string& value) {
  if (!value.empty()) query += '&' + std::string{name} + '=' + value;
}

int print(const std::optional<std::string>& body) {
  if (!body) return exit_failed;
  std::cout << *body << '\n';
  return exit_ok;
}

}  // namespace

int list_messages(const MessageOptions& options) {
  std::string query = "?count=" + std::to_string(options.count);
  add(query, "feed", options.feed);
  add(query, "state", options.state);
  add(query, "after", options.after);
  const auto body = body_of(http_get(options.url + std::string{pages} + query, options.token));
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
  const std::string url = options.url + std::string{pages} + '/' + options.id;
  if (options.full) {
    auto body = body_of(http_get(url + "?full=yes", options.token));
    if (!body) return exit_failed;
    for (const char c : *body) std::cout << (c == '\r' ? '\n' : c);
    return exit_ok;
  }
  const auto body = body_of(http_get(url, options.token));
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
  std::string url = options.url + std::string{pages} + "/replay?from=" + options.id;
  add(url, "to", options.to.empty() ? options.id : options.to);
  add(url, "feed", options.feed);
  add(url, "state", options.state);
  return print(body_of(http_post(url, options.token)));
}

int send_alert_again(const MessageOptions& options) {
  return print(body_of(
      http_post(options.url + "/admin/alerts/" + options.id + "/send-again", options.token)));
}

}  // namespace cpis::console
