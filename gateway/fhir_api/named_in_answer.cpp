#include "gateway/fhir_api/named_in_answer.h"

#include <algorithm>
#include <cstddef>
#include <unordered_set>
#include <utility>

namespace cpis::fhir_api {
namespace {

constexpr std::size_t depth_max = 256;

bool is_nobodys(std::string_view type) {
  return type.empty() || type == "OperationOutcome" || type == "Parameters" || type == "Bundle";
}

class Scan {
 public:
  explicit Scan(std::string_view body) : body_{body} {}

  std::vector<NamedResource> run() {
    while (at_ < body_.size()) {
      const char c = body_[at_++];
      if (c == '"') {
        take_string();
      } else if (c == '{' || c == '[') {
        if (open_.size() == depth_max) break;
        open_.push_back({c == '{', {}, c == '{'});
      } else if (c == '}' || c == ']') {
        close();
      } else if (c == ',' && !open_.empty()) {
        open_.back().key_next = open_.back().object;
      }
    }
    add(root_);
    return std::move(found_);
  }

 private:
  struct Level {
    bool object;
    std::string_view key;  ///< of the member that is being read
    bool key_next;
  };

  // The text up to the closing quote, escapes as they stand: what is looked for has none.
  void take_string() {
    const std::size_t start = at_;
    while (at_ < body_.size() && body_[at_] != '"') at_ += body_[at_] == '\\' ? 2U : 1U;
    const std::size_t end = std::min(at_, body_.size());
    at_ = end + 1;
    if (open_.empty()) return;
    const std::string_view text = body_.substr(start, end - start);
    Level& level = open_.back();
    if (level.object && level.key_next) {
      level.key = text;
      level.key_next = false;
    } else if (level.object) {
      take_value(level.key, text);
    }
  }

  bool in_entry() const { return open_.size() >= 3 && open_.front().key == "entry"; }

  void take_value(std::string_view key, std::string_view text) {
    const std::size_t depth = open_.size();
    if (depth <= 2) return take_member(root_, depth == 2 ? open_[0].key : "", key, text);
    if (!in_entry()) return;
    if (depth == 3 && key == "fullUrl") full_url_ = text;
    if (depth > 3 && depth <= 5 && open_[2].key == "resource") {
      take_member(entry_, depth == 5 ? open_[3].key : "", key, text);
    }
  }

  static void take_member(NamedResource& resource, std::string_view parent, std::string_view key,
                          std::string_view text) {
    if (parent.empty() && key == "resourceType") resource.type = text;
    if (parent.empty() && key == "id") resource.id = text;
    if (parent == "meta" && key == "versionId") resource.version = text;
  }

  void close() {
    if (open_.empty()) return;
    open_.pop_back();
    if (open_.size() != 2 || open_.front().key != "entry") return;
    if (entry_.type.empty()) take_url();
    add(std::exchange(entry_, {}));
    full_url_ = {};
  }

  void take_url() {
    if (!full_url_.starts_with("http")) return;
    const std::size_t last = full_url_.rfind('/');
    const std::size_t before = full_url_.rfind('/', last - 1);
    entry_.type = full_url_.substr(before + 1, last - before - 1);
    entry_.id = full_url_.substr(last + 1);
  }

  void add(NamedResource resource) {
    if (is_nobodys(resource.type) || resource.id.empty()) return;
    if (seen_.insert(resource.text(true)).second) found_.push_back(std::move(resource));
  }

  std::string_view body_;
  std::size_t at_ = 0;
  std::vector<Level> open_;
  NamedResource root_;
  NamedResource entry_;
  std::string_view full_url_;
  std::unordered_set<std::string> seen_;
  std::vector<NamedResource> found_;
};

}  // namespace

std::string NamedResource::text(bool with_version) const {
  std::string text = type + '/' + id;
  if (with_version && !version.empty()) text += "/_history/" + version;
  return text;
}

std::vector<NamedResource> named_in(std::string_view body) { return Scan{body}.run(); }

}  // namespace cpis::fhir_api
