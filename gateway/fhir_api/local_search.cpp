#include "gateway/fhir_api/local_search.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "adapters/fhir_r4/systems.h"
#include "fhir/definitions/definitions.h"
#include "fhir/json/reader.h"
#include "fhir/search/match.h"
#include "fhir/terminology/terminology.h"
#include "gateway/fhir_api/answers.h"
#include "gateway/fhir_api/search_candidates.h"
#include "gateway/fhir_api/subscription_api.h"

namespace cpis::fhir_api {
namespace {

using fhir::Definitions;
using fhir::Document;
using fhir::Element;
using fhir::search::Criterion;
using fhir::search::Include;
using fhir::search::Matcher;
using fhir::search::Query;
using fhir::search::SortKey;
using resources::EntryPtr;
using resources::ResourceBook;

constexpr std::size_t chunk = 256;
constexpr std::size_t included_max = 2000;

http::Response refused(std::string_view name, std::string_view code, std::string diagnostics) {
  fhir_r4::OutcomeIssue issue;
  issue.code = code;
  issue.detail_code = "INVALID_SEARCH_DATA";
  issue.diagnostics = std::move(diagnostics);
  if (!name.empty()) issue.expression = "http." + std::string{base_name(name)};
  return outcome_answer(400, issue);
}

http::Response too_costly() {
  return refused("", "too-costly",
                 "the search would have to look at too many resources: give more parameters");
}

// The trees of entries that were looked at, for the time of one search.
class Trees {
 public:
  const Element* of(const EntryPtr& entry) {
    const auto known = trees_.find(entry.get());
    if (known != trees_.end()) return known->second ? &known->second->root() : nullptr;
    auto doc = std::make_unique<Document>();
    fhir::Issues issues;
    if (!fhir::json::read_view(entry->body, *doc, issues)) doc.reset();
    if (doc) Definitions::r4().types().annotate(*doc);
    const auto& place = trees_.emplace(entry.get(), std::move(doc)).first->second;
    kept_.push_back(entry);
    return place ? &place->root() : nullptr;
  }
  void forget() {
    trees_.clear();
    kept_.clear();
  }

 private:
  std::unordered_map<const resources::Entry*, std::unique_ptr<Document>> trees_;
  std::vector<EntryPtr> kept_;
};

class Search {
 public:
  Search(const Services& services, const LocalQuery& asked)
      : services_{services}, asked_{asked}, matcher_{Definitions::r4(), asked.base, lookups()} {}

  std::variant<LocalPage, http::Response> run() {
    if (auto response = read()) return *std::move(response);
    if (auto response = find()) return *std::move(response);
    if (unlimited_) return *std::move(unlimited_);
    if (matcher_.unanswered()) {
      return refused("", "not-supported", "a criterion of this search cannot be decided here");
    }
    include_all();
    if (unlimited_) return *std::move(unlimited_);
    page_.used = query_.used;
    return std::move(page_);
  }

 private:
  using Refusal = std::optional<http::Response>;

  fhir::search::Lookups lookups() {
    fhir::search::Lookups lookups;
    lookups.resolve = [this](const fhir::search::ReferenceKey& key) -> const Element* {
      if (!key.url.empty() || key.id.empty()) return nullptr;
      const EntryPtr found = services_.book.find(key.type, key.id);
      return found ? trees_.of(found) : nullptr;
    };
    lookups.referring = [this](std::string_view type, const auto&, const Element& target) {
      std::vector<const Element*> found;
      const auto there = services_.book.find(target.resource_type(), target.value_of("id"));
      if (!there) return found;
      for (const EntryPtr& entry : may_refer(type, *there)) {
        if (const Element* tree = trees_.of(entry)) found.push_back(tree);
      }
      return found;
    };
    lookups.now = to_micros(services_.clock.now()) / 1000;
    return lookups;
  }

  // Those of the type that may refer to a resource. What is about a person refers to what is about
  // the same person; who is treated at a place is no question that lists people.
  std::vector<EntryPtr> may_refer(std::string_view type, const resources::Entry& target) {
    if (about_people(target.type)) return services_.book.of_patient(type, target.keys.patient_id);
    if (about_people(type) && services_.settings.search_narrow && !asked_.any_breadth) {
      unlimited_ = refused("", "too-costly",
                           "the search is too wide: people are not found by where they are treated "
                           "or by whom");
      return {};
    }
    auto all = services_.book.all(type, services_.settings.search_examined_max);
    if (!all) unlimited_ = too_costly();
    return all ? *std::move(all) : std::vector<EntryPtr>{};
  }

  Refusal read() {
    auto items = normalised(services_, asked_.items);
    if (auto* response = std::get_if<http::Response>(&items)) return std::move(*response);
    fhir::Issues issues;
    fhir::search::QueryOptions options;
    options.strict = !asked_.lenient;
    options.own_base = asked_.base;
    options.more = own_parameters();
    query_ = fhir::search::read_query(asked_.type, std::get<SearchItems>(items), Definitions::r4(),
                                      options, issues);
    for (const fhir::Issue& issue : issues) {
      if (issue.severity == fhir::Severity::warning) page_.left_out.push_back(issue.path);
      if (issue.severity != fhir::Severity::error) continue;
      return refused_by(issue);
    }
    return refuse_hidden_looks();
  }

  http::Response refused_by(const fhir::Issue& issue) const {
    std::string text = issue.diagnostics;
    if (issue.rule == "search-unknown") {
      text += "; valid ones are ";
      for (const SearchParam& param : defined_params(asked_.type)) {
        text += std::string{param.name} + ", ";
      }
      text += "_count, _sort, _include, _revinclude, _summary, _elements, _total, _format, _pretty";
    }
    return refused(issue.path, name_of(issue.code), std::move(text));
  }

  // Finding people by their flags, or flags with people, would be a look that nobody is told about.
  Refusal refuse_hidden_looks() const {
    const bool by_flag = std::any_of(query_.criteria.begin(), query_.criteria.end(),
                                     [](const Criterion& each) { return about_flags(each); });
    const bool with_flags = std::any_of(
        query_.reverse_includes.begin(), query_.reverse_includes.end(),
        [](const Include& each) { return each.source == "Flag" || each.source == "*"; });
    if (!by_flag && !with_flags) return std::nullopt;
    return refused("", "not-supported",
                   "a person's Flags are read by Flag?patient= only: each such read is a look at "
                   "the record, and is recorded");
  }

  static bool about_flags(const Criterion& criterion) {
    return criterion.reverse_type == "Flag" ||
           std::any_of(criterion.chain.begin(), criterion.chain.end(), about_flags);
  }

  fhir::search::Indexer& indexer() {
    if (!indexer_) indexer_.emplace(Definitions::r4(), asked_.base);
    return *indexer_;
  }

  std::size_t count() const {
    if (query_.summary == fhir::search::Summary::count) return 0;
    return std::min<std::size_t>(query_.count.value_or(count_default), count_max);
  }

  Refusal find() {
    auto candidates = candidates_of(services_.book, query_);
    const auto window = query_.type == "Encounter" ? window_of(query_) : std::nullopt;
    if (!candidates && window) {
      if (query_.sort.empty()) return walk(*window);
      candidates = services_.book.overlapping("Encounter", window->from, window->to, {},
                                              services_.settings.search_examined_max + 1);
    }
    // A client's own subscriptions are few and about nobody.
    const bool people = about_people(query_.type) && query_.type != "Subscription";
    if (!candidates) {
      if (people && services_.settings.search_narrow && !asked_.any_breadth &&
          !narrow_enough(query_)) {
        return refused("", "too-costly",
                       "the search is too wide: give " + std::string{narrow_words(query_.type)});
      }
      candidates = born_candidates(services_.book, query_);
      if (!candidates) {
        candidates = services_.book.all(query_.type, services_.settings.search_examined_max);
      }
      if (!candidates) return too_costly();
    }
    return sort_and_cut(*std::move(candidates));
  }

  bool matches(const EntryPtr& entry) {
    const Element* tree = trees_.of(entry);
    return tree != nullptr && matcher_.matches(query_, *tree);
  }

  Refusal sort_and_cut(std::vector<EntryPtr> entries) {
    if (entries.size() > services_.settings.search_examined_max) return too_costly();
    std::erase_if(entries, [&](const EntryPtr& entry) {
      return (query_.type == "Subscription" && !owns_subscription(*entry, asked_.owner)) ||
             !matches(entry);
    });
    sort(entries);
    std::size_t from = 0;
    std::from_chars(asked_.after.data(), asked_.after.data() + asked_.after.size(), from);
    from = std::min(from, entries.size());
    page_.total = entries.size();
    const std::size_t to = std::min(entries.size(), from + count());
    page_.matches.assign(entries.begin() + static_cast<std::ptrdiff_t>(from),
                         entries.begin() + static_cast<std::ptrdiff_t>(to));
    if (to < entries.size() && count() > 0) page_.next = std::to_string(to);
    return std::nullopt;
  }

  // Attendances of a time, newest first: only as many are looked at as the page needs. The place
  // to go on from is `MICROS ID`.
  Refusal walk(const Window& window) {
    ResourceBook::Place place;
    const std::size_t blank = asked_.after.find(' ');
    if (blank != std::string::npos) {
      std::int64_t micros = 0;
      std::from_chars(asked_.after.data(), asked_.after.data() + blank, micros);
      place = {from_micros(micros), asked_.after.substr(blank + 1)};
    }
    const bool count_all = query_.total == fhir::search::Total::accurate || count() == 0;
    std::size_t examined = 0, found = 0;
    while (true) {
      const auto entries =
          services_.book.overlapping("Encounter", window.from, window.to, place, chunk);
      for (const EntryPtr& entry : entries) {
        place = {*entry->keys.start, entry->id};
        if (++examined > services_.settings.search_examined_max) return too_costly();
        if (!may_match(query_, *entry) || !matches(entry)) continue;
        if (++found <= count()) {
          page_.matches.push_back(entry);
        } else if (!count_all) {
          const resources::Entry& last = *page_.matches.back();
          page_.next = std::to_string(to_micros(*last.keys.start)) + ' ' + last.id;
          return std::nullopt;
        }
      }
      if (entries.size() < chunk) break;
    }
    if (asked_.after.empty()) page_.total = found;
    if (found > page_.matches.size() && !page_.matches.empty()) {
      const resources::Entry& last = *page_.matches.back();
      page_.next = std::to_string(to_micros(*last.keys.start)) + ' ' + last.id;
    }
    return std::nullopt;
  }

  // What one resource is sorted by: absent values go last, whatever the direction.
  struct SortValue {
    bool present = false;
    std::int64_t time = 0;
    double number = 0;
    std::string text;
  };

  SortValue value_of(const SortKey& key, const Element& tree) {
    SortValue value;
    if (key.parameter == nullptr) return value;
    for (const auto& each : indexer().values(*key.parameter, tree)) {
      SortValue one;
      one.present = true;
      switch (key.parameter->type) {
        case fhir::SearchType::date:
          one.time = key.descending ? each.time.to : each.time.from;
          break;
        case fhir::SearchType::reference:
          one.text = each.reference.type + '/' + each.reference.id + each.reference.url;
          break;
        case fhir::SearchType::string:
          one.text = fhir::search::folded(each.text);
          break;
        default:
          one.text = each.text;
      }
      const bool better =
          !value.present ||
          (key.descending ? std::tie(value.time, value.text) < std::tie(one.time, one.text)
                          : std::tie(one.time, one.text) < std::tie(value.time, value.text));
      if (better) value = std::move(one);
    }
    return value;
  }

  void sort(std::vector<EntryPtr>& entries) {
    if (query_.sort.empty()) {
      std::sort(entries.begin(), entries.end(), [](const EntryPtr& a, const EntryPtr& b) {
        return std::tie(b->keys.start, a->id) < std::tie(a->keys.start, b->id);
      });
      entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
      return;
    }
    std::vector<std::pair<std::vector<SortValue>, EntryPtr>> keyed;
    for (EntryPtr& entry : entries) {
      std::vector<SortValue> values;
      const Element* tree = trees_.of(entry);
      for (const SortKey& key : query_.sort) values.push_back(value_of(key, *tree));
      keyed.emplace_back(std::move(values), std::move(entry));
    }
    std::sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
      for (std::size_t i = 0; i < query_.sort.size(); ++i) {
        const SortValue& left = a.first[i];
        const SortValue& right = b.first[i];
        if (left.present != right.present) return left.present;
        const auto left_key = std::tie(left.time, left.text);
        const auto right_key = std::tie(right.time, right.text);
        if (left_key != right_key) {
          return query_.sort[i].descending ? right_key < left_key : left_key < right_key;
        }
      }
      return a.second->id < b.second->id;
    });
    entries.clear();
    for (auto& [values, entry] : keyed) entries.push_back(std::move(entry));
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  }

  // FHIR R4 3.1.1.5.4: what matches refer to, and what refers to them; :iterate goes on from what
  // was included.
  void include_all() {
    std::unordered_set<const resources::Entry*> there;
    for (const EntryPtr& entry : page_.matches) there.insert(entry.get());
    std::vector<EntryPtr> fresh = page_.matches;
    for (bool first = true; !fresh.empty(); first = false) {
      std::vector<EntryPtr> added;
      for (const EntryPtr& entry : fresh) {
        for (const Include& each : query_.includes) {
          if (first || each.iterate) forward(each, entry, added);
        }
        for (const Include& each : query_.reverse_includes) {
          if (first || each.iterate) backward(each, entry, added);
        }
      }
      fresh.clear();
      for (EntryPtr& entry : added) {
        if (page_.included.size() >= included_max) {
          unlimited_ = too_costly();
          return;
        }
        if (!there.insert(entry.get()).second) continue;
        page_.included.push_back(entry);
        fresh.push_back(std::move(entry));
      }
    }
  }

  void forward(const Include& include, const EntryPtr& entry, std::vector<EntryPtr>& added) {
    if (include.source != "*" && include.source != entry->type) return;
    const Element* tree = trees_.of(entry);
    if (tree == nullptr) return;
    for (const auto* parameter : Definitions::r4().search_parameters(entry->type)) {
      const bool asked = include.parameter == "*" || include.parameter == parameter->code;
      if (!asked || parameter->type != fhir::SearchType::reference) continue;
      for (const auto& value : indexer().values(*parameter, *tree)) {
        if (!include.target.empty() && value.reference.type != include.target) continue;
        if (!value.reference.url.empty()) continue;
        if (auto found = services_.book.find(value.reference.type, value.reference.id)) {
          added.push_back(std::move(found));
        }
      }
    }
  }

  void backward(const Include& include, const EntryPtr& entry, std::vector<EntryPtr>& added) {
    if (!include.target.empty() && include.target != entry->type) return;
    const bool any = include.parameter == "*";
    // The one that tells of a visit has its id.
    const bool of_visit = entry->type == "Encounter" && include.source == "Provenance" &&
                          (any || include.parameter == "target");
    if (of_visit) {
      if (auto found = services_.book.find("Provenance", entry->id)) added.push_back(found);
    }
    if (!any && !may_lead_to(include, entry->type)) return;
    for (EntryPtr& each : may_refer(include.source, *entry)) {
      const Element* tree = trees_.of(each);
      if (tree != nullptr && refers(include, *tree, *entry)) added.push_back(std::move(each));
    }
  }

  static bool may_lead_to(const Include& include, std::string_view type) {
    const auto* parameter = Definitions::r4().search_parameter(include.source, include.parameter);
    return parameter != nullptr && std::find(parameter->targets.begin(), parameter->targets.end(),
                                             type) != parameter->targets.end();
  }

  bool refers(const Include& include, const Element& tree, const resources::Entry& entry) {
    for (const auto* parameter : Definitions::r4().search_parameters(include.source)) {
      const bool asked = include.parameter == "*" || include.parameter == parameter->code;
      if (!asked || parameter->type != fhir::SearchType::reference) continue;
      for (const auto& value : indexer().values(*parameter, tree)) {
        const auto& to = value.reference;
        if (to.url.empty() && to.type == entry.type && to.id == entry.id) return true;
      }
    }
    return false;
  }

  const Services& services_;
  const LocalQuery& asked_;
  Trees trees_;
  Query query_;
  LocalPage page_;
  Matcher matcher_;
  Refusal unlimited_;                             // what was looked for cannot be found whole
  std::optional<fhir::search::Indexer> indexer_;  // made when something is sorted or included
};

}  // namespace

std::variant<LocalPage, http::Response> search_local(const Services& services,
                                                     const LocalQuery& query) {
  return Search{services, query}.run();
}

}  // namespace cpis::fhir_api
