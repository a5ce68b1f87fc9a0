#include "gateway/app/plan_ids.h"

#include <map>
#include <variant>

#include "gateway/edge/ids.h"
#include "gateway/store/sha256.h"

namespace cpis::app {
namespace {

constexpr std::size_t block_bytes = 64;
constexpr std::size_t id_digits = 32;

// HMAC-SHA256 (RFC 2104). The key is shorter than a block.
store::Sha256 keyed_hash(const std::string& key, std::string_view text) {
  std::string inner(block_bytes, '\x36');
  std::string outer(block_bytes, '\x5c');
  for (std::size_t i = 0; i < key.size() && i < block_bytes; ++i) {
    inner[i] = static_cast<char>(inner[i] ^ key[i]);
    outer[i] = static_cast<char>(outer[i] ^ key[i]);
  }
  inner += text;
  outer += store::bytes_of(store::sha256(inner));
  return store::sha256(outer);
}

std::string hexadecimal(const store::Sha256& hash, std::size_t digits) {
  constexpr std::string_view names = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < digits / 2; ++i) {
    const auto byte = static_cast<unsigned char>(hash[i]);
    out += names[byte >> 4U];
    out += names[byte & 15U];
  }
  return out;
}

}  // namespace

Result<PlanIds> PlanIds::open(store::Database& database) {
  // Kept unless another gateway on the same store was first; then what stands there is read.
  const std::string fresh = random_hex_id() + random_hex_id();
  const Status kept = database.write([&](store::Session& session) -> Status {
    const auto added = session.execute(
        "INSERT INTO store_secret (name, value) VALUES (?, ?) {on_conflict_ignore:name}",
        {"plan-ids", fresh});
    if (!added) return added.error();
    return done;
  });
  if (!kept) return kept.error();
  std::string key;
  const Status read = database.read([&](store::Session& session) {
    return session.query("SELECT value FROM store_secret WHERE name = ?", {"plan-ids"},
                         [&](const store::Row& row) -> Status {
                           key = std::string{row.text(0)};
                           return done;
                         });
  });
  if (!read) return read.error();
  if (key.empty()) return Error{ErrorKind::fault, "the store has no key for plan ids"};
  return PlanIds{std::move(key)};
}

void PlanIds::fill(ProtectionRecord& record) const {
  std::map<std::string, int> seen;
  for (HeldPlan& held : record.plans) {
    if (!held.id.empty()) continue;
    std::string text{held.subject.nhs_number.digits()};
    text += '|' + held.council.ods_code + '|';
    text += words_of(held.plan.type).code;
    text += '|' + to_iso(held.plan.start.day);
    const int same_before = seen[text]++;
    text += '|' + std::to_string(same_before);
    held.id = hexadecimal(keyed_hash(key_, text), id_digits);
  }
}

void SourceWithIds::ask(ProtectionQuestion question, Done answered) {
  inner_.ask(std::move(question), [this, told = std::move(answered)](ProtectionAnswer answer) {
    if (auto* record = std::get_if<ProtectionRecord>(&answer)) ids_.fill(*record);
    told(std::move(answer));
  });
}

}  // namespace cpis::app
