#include "gateway/store/audit_export.h"

#include <string>
#include <string_view>

namespace cpis::store {
namespace {

constexpr std::size_t page_rows = 1000;
constexpr std::string_view hex_digits = "0123456789abcdef";

std::string to_hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += hex_digits[byte >> 4U];
    out += hex_digits[byte & 15U];
  }
  return out;
}

// RFC 8259, 7. The text is well-formed UTF-8: the store mends what is not.
void put_text(std::string& line, std::string_view name, std::string_view text) {
  line += ",\"" + std::string{name} + "\":\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (byte < 0x20) {
      line += "\\u00";
      line += to_hex({&c, 1});
    } else {
      line += c;
    }
  }
  line += '"';
}

std::string to_line(const AuditRow& row) {
  const AuditEntry& entry = row.entry;
  std::string line = "{\"chain\":" + std::to_string(row.chain) +
                     ",\"seq\":" + std::to_string(row.seq) + ",\"at\":\"" + to_iso(entry.at) +
                     "\",\"at_us\":" + std::to_string(to_micros(entry.at));
  put_text(line, "correlation_id", entry.correlation_id);
  put_text(line, "actor_id", entry.actor_id);
  put_text(line, "actor_name", entry.actor_name);
  put_text(line, "actor_role", entry.actor_role);
  put_text(line, "organisation", entry.organisation);
  put_text(line, "source", entry.source);
  put_text(line, "action", entry.action);
  put_text(line, "subject", entry.subject);
  put_text(line, "outcome", entry.outcome);
  put_text(line, "detail", entry.detail);
  put_text(line, "hash", to_hex(row.hash));
  return line + "}\n";
}

}  // namespace

Result<std::int64_t> export_audit(Database& database, int chain, std::int64_t after_seq,
                                  std::ostream& out) {
  return export_audit(database, chain, after_seq, out, to_line);
}

Result<std::int64_t> export_audit(Database& database, int chain, std::int64_t after_seq,
                                  std::ostream& out, const WriteAuditRow& write) {
  const AuditStore audit{chain};
  while (true) {
    // A page is collected first: a read that has to be repeated must not write its lines twice.
    std::string page;
    std::int64_t last = after_seq;
    const Status read = database.read([&](Session& session) {
      page.clear();
      last = after_seq;
      return audit.read(session, after_seq, page_rows, [&](const AuditRow& row) -> Status {
        page += write(row);
        last = row.seq;
        return done;
      });
    });
    if (!read) return read.error();
    if (last == after_seq) return after_seq;
    if (!out.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
      return Error{ErrorKind::unavailable, "the audit export cannot be written"};
    }
    after_seq = last;
  }
}

Result<std::vector<int>> audit_chains(Session& session) {
  std::vector<int> chains;
  const Status read = session.query("SELECT DISTINCT chain FROM audit ORDER BY chain", {},
                                    [&chains](const Row& row) -> Status {
                                      chains.push_back(static_cast<int>(row.integer(0)));
                                      return done;
                                    });
  if (!read) return read.error();
  return chains;
}

}  // namespace cpis::store
