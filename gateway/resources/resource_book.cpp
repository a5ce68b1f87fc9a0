#include "gateway/resources/resource_book.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "fhir/json/reader.h"
#include "fhir/tree/document.h"

namespace cpis::resources {
namespace {

template <class Index>
void erase_id(Index& index, const std::string& key, const std::string& id) {
  const auto found = index.find(key);
  if (found == index.end()) return;
  std::erase(found->second, id);
  if (found->second.empty()) index.erase(found);
}

// Most attendances last less; the few that do not have an index of their own.
constexpr Duration usual = std::chrono::hours{24 * 31};
// A day more: an end that is a date lasts to the end of that day.
constexpr Duration slack = std::chrono::hours{24 * 32};

// `system|value` as the key of its value alone. A system has no bar and is never a tab.
std::string any_system(std::string_view key) {
  return '\t' + std::string{key.substr(std::min(key.find('|'), key.size()))};
}

std::optional<Time> time_of(std::string_view text) {
  if (text.size() == 10) {
    const auto date = parse_iso_date(text);
    return date ? std::optional{from_london(*date, Duration{0})} : std::nullopt;
  }
  return parse_iso_time(text);
}

// A year or a month begins with its first day; as an end it is taken for open.
std::optional<Time> first_moment_of(std::string_view text) {
  if (text.size() == 4) return time_of(std::string{text} + "-01-01");
  if (text.size() == 7) return time_of(std::string{text} + "-01");
  return time_of(text);
}

std::string_view id_in(std::string_view reference, std::string_view type) {
  const std::size_t slash = reference.rfind('/');
  if (slash == std::string_view::npos) return {};
  return reference.substr(0, slash).ends_with(type) ? reference.substr(slash + 1)
                                                    : std::string_view{};
}

// Whom a resource is about, under the name that its type gives it.
std::string_view patient_of(const fhir::Element& resource) {
  for (const std::string_view name : {"subject", "patient", "beneficiary", "target"}) {
    for (const fhir::Element& reference : resource.children(name)) {
      const std::string_view id = id_in(reference.value_of("reference"), "Patient");
      if (!id.empty()) return id;
    }
  }
  return {};
}

constexpr std::string_view id_opening = "\"id\":\"";
constexpr std::string_view meta_opening = ",\"meta\":{";

// A body cut where its version stands: behind the id, and behind the opening of meta if it has one.
struct Cut {
  std::string_view front;
  std::string_view rest;
  bool has_meta = false;
};

std::optional<Cut> cut(std::string_view body) {
  // The id is opaque or digits, so the first quote after it ends it.
  const std::size_t id = body.find(id_opening);
  const std::size_t end =
      id == std::string_view::npos ? id : body.find('"', id + id_opening.size());
  if (end == std::string_view::npos) return std::nullopt;
  Cut parts{body.substr(0, end + 1), body.substr(end + 1)};
  parts.has_meta = parts.rest.starts_with(meta_opening);
  if (parts.has_meta) parts.rest.remove_prefix(meta_opening.size());
  return parts;
}

std::string_view end_of_version(const Cut& parts) {
  if (!parts.has_meta) return "}";
  return parts.rest.starts_with('}') ? "" : ",";
}

// Whether what stands between the two parts of an entry's body is only its version and time.
bool is_version_text(std::string_view text, const Cut& parts, std::int64_t version) {
  const auto take = [&text](std::string_view expected) {
    const bool stands = text.starts_with(expected);
    if (stands) text.remove_prefix(expected.size());
    return stands;
  };
  constexpr std::size_t time_size = 24;  // `2026-01-05T09:00:00.000Z`, the entry's own
  if (!take(meta_opening) || !take("\"versionId\":\"") || !take(std::to_string(version)) ||
      !take("\",\"lastUpdated\":\"") || text.size() < time_size) {
    return false;
  }
  text.remove_prefix(time_size);
  return take("\"") && text == end_of_version(parts);
}

// What stands between the two parts, `"meta"` and its opening included.
std::string version_text(const Cut& parts, std::int64_t version, Time updated) {
  std::string text;
  text.reserve(96);
  text += meta_opening;
  text += "\"versionId\":\"";
  text += std::to_string(version);
  text += "\",\"lastUpdated\":\"";
  text += to_iso(updated);
  text += '"';
  text += end_of_version(parts);
  return text;
}

}  // namespace

std::string with_version(std::string_view body, std::int64_t version, Time updated) {
  const auto parts = cut(body);
  if (!parts) return std::string{body};
  const std::string text = version_text(*parts, version, updated);
  std::string out;
  out.reserve(parts->front.size() + text.size() + parts->rest.size());
  return out.append(parts->front).append(text).append(parts->rest);
}

bool has_body(const Entry& entry, std::string_view body) {
  const auto parts = cut(body);
  if (!parts) return entry.body == body;
  std::string_view shown = entry.body;
  if (!shown.starts_with(parts->front) || !shown.ends_with(parts->rest)) return false;
  const std::size_t both = parts->front.size() + parts->rest.size();
  if (shown.size() < both) return false;
  shown = shown.substr(parts->front.size(), shown.size() - both);
  return is_version_text(shown, *parts, entry.version);
}

Keys keys_of(std::string_view type, std::string_view body) {
  fhir::Document document;
  fhir::Issues issues;
  if (!fhir::json::read_view(body, document, issues)) return {};
  return keys_of(type, document.root());
}

Keys keys_of(std::string_view type, const fhir::Element& root) {
  Keys keys;
  for (const fhir::Element& identifier : root.children("identifier")) {
    keys.identifiers.push_back(std::string{identifier.value_of("system")} + '|' +
                               std::string{identifier.value_of("value")});
  }
  keys.status = root.value_of("status");
  if (type == "Patient") keys.birth_date = root.value_of("birthDate");
  keys.patient_id = type == "Patient" ? root.value_of("id") : patient_of(root);
  if (const fhir::Element* code = root.first("class")) keys.class_code = code->value_of("code");
  if (const fhir::Element* period = root.first("period")) {
    keys.start = first_moment_of(period->value_of("start"));
    keys.end = time_of(period->value_of("end"));
  }
  return keys;
}

Status ResourceBook::load(store::Session& session, const std::vector<std::string>& types) {
  const store::ResourceStore stored;
  for (const std::string& type : types) {
    const Status read =
        stored.read_all(session, type, [&](const store::StoredResource& resource) -> Status {
          put(resource.type, resource.id, resource.version, resource.updated_at, resource.body);
          return done;
        });
    if (!read) return read;
  }
  return done;
}

void ResourceBook::unindex(Type& type, const Entry& entry) {
  erase_id(type.by_patient, entry.keys.patient_id, entry.id);
  erase_id(type.by_birth_date, entry.keys.birth_date, entry.id);
  for (const std::string& key : entry.keys.identifiers) {
    erase_id(type.by_identifier, key, entry.id);
    erase_id(type.by_identifier, any_system(key), entry.id);
  }
  if (!entry.keys.start) return;
  const auto key = std::make_pair(*entry.keys.start, entry.id);
  type.by_start.erase(key);
  type.long_by_start.erase(key);
}

void ResourceBook::index(Type& type, const EntryPtr& entry) {
  const Keys& keys = entry->keys;
  if (!keys.birth_date.empty()) type.by_birth_date[keys.birth_date].push_back(entry->id);
  if (!keys.patient_id.empty()) type.by_patient[keys.patient_id].push_back(entry->id);
  for (const std::string& key : keys.identifiers) {
    for (const std::string& each : {key, any_system(key)}) {
      std::vector<std::string>& ids = type.by_identifier[each];
      if (std::find(ids.begin(), ids.end(), entry->id) == ids.end()) ids.push_back(entry->id);
    }
  }
  if (!keys.start) return;
  type.by_start.insert_or_assign({*keys.start, entry->id}, entry);
  if (!keys.end || *keys.end - *keys.start > usual) {
    type.long_by_start.insert_or_assign({*keys.start, entry->id}, entry);
  }
}

void ResourceBook::put(std::string_view type, std::string_view id, std::int64_t version,
                       Time updated, std::string_view body, std::optional<Keys> keys) {
  auto entry = std::make_shared<const Entry>(Entry{std::string{type}, std::string{id}, version,
                                                   updated, with_version(body, version, updated),
                                                   keys ? *std::move(keys) : keys_of(type, body)});
  const std::lock_guard lock{mutex_};
  Type& held = types_[entry->type];
  if (const auto ended = held.ended.find(entry->id); ended != held.ended.end()) {
    if (ended->second > version) return;
    held.ended.erase(ended);
  }
  EntryPtr& place = held.entries[entry->id];
  if (place && place->version >= version) return;
  if (place) unindex(held, *place);
  index(held, entry);
  place = std::move(entry);
}

// Who writes tells us on one thread, who takes messages on another: a version of before the end may
// come after it.
void ResourceBook::remove(std::string_view type, std::string_view id, std::int64_t version) {
  const std::lock_guard lock{mutex_};
  Type& held = types_[std::string{type}];
  const auto found = held.entries.find(id);
  if (found != held.entries.end() && found->second->version > version) return;
  if (!watches_.empty()) {
    std::int64_t& ended = held.ended[std::string{id}];
    ended = std::max(ended, version);
    ends_.push_back({std::string{type}, std::string{id}, version});
  }
  if (found == held.entries.end()) return;
  unindex(held, *found->second);
  held.entries.erase(found);
}

BookWatch::BookWatch(ResourceBook& book) : book_{book}, since_{book.start_watch()} {}
BookWatch::~BookWatch() { book_.stop_watch(since_); }

std::uint64_t ResourceBook::start_watch() {
  const std::lock_guard lock{mutex_};
  return *watches_.insert(ends_forgotten_ + ends_.size());
}

// What ended before the oldest watch that goes on began can matter to nobody any more.
void ResourceBook::stop_watch(std::uint64_t since) {
  const std::lock_guard lock{mutex_};
  watches_.erase(watches_.find(since));
  while (!ends_.empty() && (watches_.empty() || ends_forgotten_ < *watches_.begin())) {
    const End& oldest = ends_.front();
    auto& ended = types_[oldest.type].ended;
    const auto found = ended.find(oldest.id);
    if (found != ended.end() && found->second == oldest.version) ended.erase(found);
    ends_.pop_front();
    ++ends_forgotten_;
  }
}

std::size_t ResourceBook::ends_remembered() const {
  const std::shared_lock lock{mutex_};
  std::size_t count = 0;
  for (const auto& [name, type] : types_) count += type.ended.size();
  return count;
}

EntryPtr ResourceBook::find(std::string_view type, std::string_view id) const {
  const std::shared_lock lock{mutex_};
  const auto held = types_.find(type);
  if (held == types_.end()) return nullptr;
  const auto found = held->second.entries.find(id);
  return found == held->second.entries.end() ? nullptr : found->second;
}

std::vector<EntryPtr> ResourceBook::of_patient(std::string_view type,
                                               std::string_view patient_id) const {
  const std::shared_lock lock{mutex_};
  std::vector<EntryPtr> found;
  const auto held = types_.find(type);
  if (held == types_.end()) return found;
  const auto ids = held->second.by_patient.find(patient_id);
  if (ids == held->second.by_patient.end()) return found;
  for (const std::string& id : ids->second) found.push_back(held->second.entries.at(id));
  return found;
}

std::vector<EntryPtr> ResourceBook::by_identifier(std::string_view type,
                                                  std::string_view identifier) const {
  const std::shared_lock lock{mutex_};
  std::vector<EntryPtr> found;
  const auto held = types_.find(type);
  if (held == types_.end()) return found;
  const auto ids = held->second.by_identifier.find(identifier);
  if (ids == held->second.by_identifier.end()) return found;
  for (const std::string& id : ids->second) found.push_back(held->second.entries.at(id));
  return found;
}

std::vector<EntryPtr> ResourceBook::by_identifier_value(std::string_view type,
                                                        std::string_view value) const {
  return by_identifier(type, any_system('|' + std::string{value}));
}

std::vector<EntryPtr> ResourceBook::born_between(std::string_view first,
                                                 std::string_view last) const {
  const std::shared_lock lock{mutex_};
  std::vector<EntryPtr> found;
  const auto held = types_.find("Patient");
  if (held == types_.end()) return found;
  const auto& index = held->second.by_birth_date;
  const auto end = index.upper_bound(last);
  for (auto at = index.lower_bound(first); at != end; ++at) {
    for (const std::string& id : at->second) found.push_back(held->second.entries.at(id));
  }
  return found;
}

std::vector<EntryPtr> ResourceBook::started_between(std::string_view type, Time from, Time to,
                                                    std::size_t max) const {
  const std::shared_lock lock{mutex_};
  std::vector<EntryPtr> found;
  const auto held = types_.find(type);
  if (held == types_.end()) return found;
  const ByStart& by_start = held->second.by_start;
  const auto first = by_start.lower_bound({from, {}});
  auto at = by_start.lower_bound({to, {}});
  while (at != first && found.size() < max) {
    --at;
    found.push_back(at->second);
  }
  return found;
}

std::vector<EntryPtr> ResourceBook::overlapping(std::string_view type, Time from, Time to,
                                                const Place& after, std::size_t max) const {
  const std::shared_lock lock{mutex_};
  std::vector<EntryPtr> found;
  const auto held = types_.find(type);
  if (held == types_.end()) return found;
  const std::pair<Time, std::string> end =
      after.start < to ? std::make_pair(after.start, after.id) : std::make_pair(to, std::string{});
  // Whoever started long before and is not long here has gone.
  const Time usual_from = from > Time::min() + slack ? from - slack : Time::min();
  const auto walk = [&](const ByStart& index, const std::pair<Time, std::string>& low,
                        const std::pair<Time, std::string>& high) {
    const auto first = index.lower_bound(low);
    auto at = low < high ? index.lower_bound(high) : first;
    while (at != first && found.size() < max) found.push_back((--at)->second);
  };
  const std::pair<Time, std::string> middle{usual_from, {}};
  walk(held->second.by_start, middle, end);
  walk(held->second.long_by_start, {Time::min(), {}}, std::min(middle, end));
  return found;
}

std::optional<std::vector<EntryPtr>> ResourceBook::all(std::string_view type,
                                                       std::size_t max) const {
  std::vector<EntryPtr> found;
  {
    const std::shared_lock lock{mutex_};
    const auto held = types_.find(type);
    if (held == types_.end()) return found;
    if (held->second.entries.size() > max) return std::nullopt;
    for (const auto& [id, entry] : held->second.entries) found.push_back(entry);
  }
  std::sort(found.begin(), found.end(),
            [](const EntryPtr& a, const EntryPtr& b) { return a->id < b->id; });
  return found;
}

std::size_t ResourceBook::size(std::string_view type) const {
  const std::shared_lock lock{mutex_};
  const auto held = types_.find(type);
  return held == types_.end() ? 0 : held->second.entries.size();
}

}  // namespace cpis::resources
