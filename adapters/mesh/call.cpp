#include "adapters/mesh/call.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace cpis::mesh {
namespace {

std::string encoded(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    const auto code = static_cast<unsigned char>(c);
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += hex[code >> 4U];
      out += hex[code & 15U];
    }
  }
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (static_cast<unsigned char>(text[i]) <= ' ' ||
               static_cast<unsigned char>(text[i]) >= 0x7F) {
      return std::nullopt;  // no target of a request holds one as it is
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0 || high * 16 + low == 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::optional<std::size_t> number_of(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return text;
}

// The decoded steps of a path behind the prefix; nothing when one is empty or badly encoded.
std::optional<std::vector<std::string>> steps_of(std::string_view path) {
  if (!path.starts_with(path_prefix)) return std::nullopt;
  path.remove_prefix(path_prefix.size());
  std::vector<std::string> steps;
  for (;;) {
    const std::size_t slash = path.find('/');
    auto step = decoded(path.substr(0, slash), false);
    if (!step || step->empty()) return std::nullopt;
    steps.push_back(*std::move(step));
    if (slash == std::string_view::npos) return steps;
    path.remove_prefix(slash + 1);
  }
}

// A shape of path: `*` stands for any step.
struct Shape {
  Operation operation;
  std::string_view method;
  std::array<std::string_view, 5> steps;
};

constexpr std::array shapes{
    Shape{Operation::endpoint_lookup, "GET", {"endpointlookup", "*", "*"}},
    Shape{Operation::workflow_search, "GET", {"workflowsearch", "*"}},
    Shape{Operation::handshake, "POST", {"*"}},
    Shape{Operation::list_inbox, "GET", {"*", "inbox"}},
    Shape{Operation::count_inbox, "GET", {"*", "count"}},
    Shape{Operation::download, "GET", {"*", "inbox", "*"}},
    Shape{Operation::head_message, "HEAD", {"*", "inbox", "*"}},
    Shape{Operation::download_chunk, "GET", {"*", "inbox", "*", "*"}},
    Shape{Operation::acknowledge, "PUT", {"*", "inbox", "*", "status", "acknowledged"}},
    Shape{Operation::send, "POST", {"*", "outbox"}},
    Shape{Operation::track_message, "GET", {"*", "outbox", "tracking"}},
    Shape{Operation::track_local, "GET", {"*", "outbox", "tracking", "*"}},
    Shape{Operation::send_chunk, "POST", {"*", "outbox", "*", "*"}},
};
static_assert(shapes.size() == operations);

bool fits(const Shape& shape, std::string_view method, const std::vector<std::string>& steps) {
  const auto end = std::find(shape.steps.begin(), shape.steps.end(), std::string_view{});
  if (shape.method != method || static_cast<std::size_t>(end - shape.steps.begin()) != steps.size())
    return false;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (shape.steps[i] != "*" && shape.steps[i] != steps[i]) return false;
  }
  return true;
}

// The steps that a shape leaves open, in order: mailbox, message, chunk.
std::vector<std::string> open_steps(const Shape& shape, const std::vector<std::string>& steps) {
  std::vector<std::string> open;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (shape.steps[i] == "*") open.push_back(steps[i]);
  }
  return open;
}

bool take_parameter(Call& call, std::string_view name, std::string value) {
  const bool inbox = call.operation == Operation::list_inbox;
  if (inbox && name == "max_results") {
    const auto number = number_of(value);
    if (!number || *number < page_min || *number > page_max) return false;
    call.max_results = *number;
  } else if (inbox && name == "continue_from") {
    call.continue_from = std::move(value);
  } else if (inbox && name == "workflow_filter") {
    call.workflow_filter = std::move(value);
  } else if (call.operation == Operation::track_message && name == "messageID") {
    call.message = upper(std::move(value));
  }
  return true;  // others are not ours to judge
}

bool take_query(Call& call, std::string_view query) {
  while (!query.empty()) {
    const std::size_t amp = query.find('&');
    const std::string_view pair = query.substr(0, amp);
    query = amp == std::string_view::npos ? std::string_view{} : query.substr(amp + 1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    auto value = decoded(pair.substr(equals + 1), true);
    if (!value || !take_parameter(call, pair.substr(0, equals), *std::move(value))) return false;
  }
  return true;
}

std::string inbox_query(const Call& call) {
  std::string query;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    query += query.empty() ? '?' : '&';
    query += name;
    query += '=';
    query += encoded(value);
  };
  if (call.max_results != page_default) add("max_results", std::to_string(call.max_results));
  add("workflow_filter", call.workflow_filter);
  add("continue_from", call.continue_from);
  return query;
}

}  // namespace

Line write_call(const Call& call) {
  const auto* shape = std::find_if(shapes.begin(), shapes.end(), [&](const Shape& one) {
    return one.operation == call.operation;
  });
  const std::array<std::string, 3> open{encoded(call.mailbox), encoded(call.message),
                                        std::to_string(call.chunk)};
  Line line{shape->method, std::string{path_prefix}};
  std::size_t next = 0;
  for (std::size_t i = 0; i < shape->steps.size() && !shape->steps[i].empty(); ++i) {
    if (i > 0) line.target += '/';
    if (shape->steps[i] == "*") {
      // A workflow search has no mailbox.
      if (next == 0 && call.operation == Operation::workflow_search) next = 1;
      line.target += open[next++];
    } else {
      line.target += shape->steps[i];
    }
  }
  if (call.operation == Operation::list_inbox) line.target += inbox_query(call);
  if (call.operation == Operation::track_message) {
    line.target += "?messageID=" + encoded(call.message);
  }
  return line;
}

std::optional<Call> read_call(std::string_view method, std::string_view target) {
  if (target.size() > target_bytes_max) return std::nullopt;
  const std::size_t question = target.find('?');
  const auto steps = steps_of(target.substr(0, question));
  if (!steps) return std::nullopt;
  const auto* shape = std::find_if(shapes.begin(), shapes.end(),
                                   [&](const Shape& one) { return fits(one, method, *steps); });
  if (shape == shapes.end()) return std::nullopt;
  Call call;
  call.operation = shape->operation;
  std::vector<std::string> open = open_steps(*shape, *steps);
  if (call.operation == Operation::workflow_search) open.insert(open.begin(), std::string{});
  call.mailbox = call.operation == Operation::endpoint_lookup ? open[0] : upper(open[0]);
  const bool by_id = call.operation != Operation::track_local &&
                     call.operation != Operation::endpoint_lookup &&
                     call.operation != Operation::workflow_search;
  if (open.size() > 1) call.message = by_id ? upper(open[1]) : open[1];
  if (open.size() > 2) {
    const auto chunk = number_of(open[2]);
    if (!chunk || *chunk < 1) return std::nullopt;
    call.chunk = *chunk;
  }
  if (question != std::string_view::npos && !take_query(call, target.substr(question + 1))) {
    return std::nullopt;
  }
  if (call.operation == Operation::track_message && call.message.empty()) return std::nullopt;
  return call;
}

std::optional<std::string> next_page(std::string_view link, std::string_view mailbox) {
  const std::size_t scheme = link.find("://");
  if (scheme != std::string_view::npos) {
    const std::size_t path = link.find('/', scheme + 3);
    if (path == std::string_view::npos) return std::nullopt;
    link.remove_prefix(path);
  }
  const auto call = read_call("GET", link);
  if (!call || call->operation != Operation::list_inbox) return std::nullopt;
  if (call->mailbox != mailbox || call->continue_from.empty()) return std::nullopt;
  const auto bare = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; };
  if (std::any_of(link.begin(), link.end(), bare)) return std::nullopt;
  return std::string{link};
}

bool filter_takes(std::string_view filter, std::string_view workflow) {
  if (filter.empty()) return true;
  const bool wanted = filter.front() != '!';
  if (!wanted) filter.remove_prefix(1);
  const bool open_end = filter.ends_with('*');
  if (open_end) filter.remove_suffix(1);
  const bool open_start = filter.starts_with('*');
  if (open_start) filter.remove_prefix(1);
  bool fit = workflow == filter;
  if (open_start && open_end) {
    fit = workflow.find(filter) != std::string_view::npos;
  } else if (open_end) {
    fit = workflow.starts_with(filter);
  } else if (open_start) {
    fit = workflow.ends_with(filter);
  }
  return fit == wanted;
}

std::optional<int> api_version(std::string_view accept) {
  constexpr std::string_view start = "application/vnd.mesh.v";
  constexpr std::string_view end = "+json";
  const std::size_t at = accept.find("vnd.mesh");
  if (at == std::string_view::npos) return 1;
  const std::size_t from = accept.rfind("application/", at);
  if (from == std::string_view::npos) return std::nullopt;
  accept = accept.substr(from, accept.find_first_of(",; ", from) - from);
  if (!accept.starts_with(start) || !accept.ends_with(end)) return std::nullopt;
  if (accept.size() < start.size() + end.size()) return std::nullopt;
  const auto version =
      number_of(accept.substr(start.size(), accept.size() - start.size() - end.size()));
  if (!version || *version < 1) return std::nullopt;
  return *version == 1 ? 1 : 2;
}

}  // namespace cpis::mesh
