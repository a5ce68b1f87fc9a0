#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "adapters/spine/file_response.h"

namespace cpis::spine {
namespace {

constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();

// The sent records by what a returned record can be recognised by.
class SentRecords {
 public:
  explicit SentRecords(const UploadFile& sent) : sent_{sent} {
    for (std::size_t i = 0; i < sent.records.size(); ++i) {
      const PlanSubject& subject = sent.records[i].subject;
      by_number_.emplace(subject.nhs_number.value(), i);
      if (!subject.local_id.empty()) by_local_id_.emplace(subject.local_id, i);
    }
  }

  std::size_t size() const { return sent_.records.size(); }

  // The record that was given back: same person, and the same plans where there is a choice.
  std::size_t find(const ReturnedRecord& returned) const {
    if (returned.subject) {
      const auto [first, last] = by_number_.equal_range(returned.subject->nhs_number.value());
      for (auto at = first; at != last; ++at) {
        if (sent_.records[at->second].plans == returned.plans) return at->second;
      }
      if (first != last) return first->second;
    }
    const auto at = by_local_id_.find(returned.local_id);
    return at == by_local_id_.end() ? nowhere : at->second;
  }

 private:
  const UploadFile& sent_;
  std::multimap<std::uint64_t, std::size_t> by_number_;
  std::multimap<std::string, std::size_t> by_local_id_;
};

std::size_t index_of(const RecordDetail& detail, std::size_t order, const FileResponse& response,
                     const SentRecords& sent) {
  const LocatedStep step = last_ordinal(detail.location);
  if (step.name == "record" && step.ordinal >= 1 && step.ordinal <= sent.size()) {
    return step.ordinal - 1;
  }
  if (step.name == "message" && step.ordinal >= 1 && step.ordinal <= response.returned.size()) {
    return sent.find(response.returned[step.ordinal - 1]);
  }
  const bool one_code_a_message = response.details.size() == response.returned.size();
  if (one_code_a_message) return sent.find(response.returned[order]);
  const bool one_code_a_record = response.details.size() == sent.size();
  return one_code_a_record ? order : nowhere;
}

// A record without a code of its own goes the way of its file.
RecordOutcome default_outcome(FileOutcome file) {
  const bool loaded = file == FileOutcome::cpf02 || file == FileOutcome::cpf03;
  return loaded ? RecordOutcome::cpr06 : RecordOutcome::unknown;
}

void count_outcomes(UploadResult& result) {
  for (const RecordResult& record : result.records) {
    if (record.outcome == RecordOutcome::cpr06) ++result.accepted;
    if (record.outcome != RecordOutcome::cpr06 && !record.code.empty()) ++result.rejected;
  }
}

void report_totals(const FileResponse& response, const UploadResult& result, std::size_t sent,
                   Findings& findings) {
  const auto warn = [&](std::string rule, std::string text) {
    findings.push_back(
        {Severity::warning, std::move(rule), "", 0, "FileResponse", std::move(text)});
  };
  if (response.quantity >= 0 && static_cast<std::size_t>(response.quantity) != sent) {
    warn("V3-TOTAL", "the answer speaks of another number of records than were sent");
  }
  if (response.failed != static_cast<std::int64_t>(result.rejected)) {
    warn("V3-TOTAL", "the number of rejected records is not the number of their codes");
  }
}

}  // namespace

LocatedStep last_ordinal(std::string_view xpath) {
  LocatedStep found;
  std::size_t at = 0;
  while (at < xpath.size()) {
    const std::size_t end = std::min(xpath.find('/', at), xpath.size());
    const std::string_view step = xpath.substr(at, end - at);
    at = end + 1;
    for (const std::string_view name : {"record", "message"}) {
      const std::size_t where = step.find(name);
      if (where == std::string_view::npos) continue;
      // The ordinal is the last predicate that holds digits only: *[local-name()='record'][2].
      const std::size_t open = step.rfind('[');
      if (open == std::string_view::npos || open < where) continue;
      const std::string_view digits = step.substr(open + 1, step.find(']', open) - open - 1);
      std::size_t ordinal = 0;
      for (const char c : digits) {
        ordinal = c >= '0' && c <= '9' && ordinal < 100'000'000
                      ? ordinal * 10 + static_cast<std::size_t>(c - '0')
                      : nowhere;
        if (ordinal == nowhere) break;
      }
      if (!digits.empty() && ordinal != nowhere) found = {std::string{name}, ordinal};
    }
  }
  return found;
}

FileResponse make_file_response(const UploadResult& result, const UploadFile& sent) {
  FileResponse response;
  response.sequence = result.sequence;
  const bool readable = result.outcome != FileOutcome::cpf01;
  response.quantity = readable ? static_cast<std::int64_t>(sent.records.size()) : -1;
  response.created = result.created;
  response.council = sent.council;
  const bool known = result.outcome != FileOutcome::unknown;
  response.file_codes.push_back(
      {result.code, known ? std::string{words_of(result.outcome).display} : result.code});
  for (const RecordResult& record : result.records) {
    const bool accepted = record.outcome == RecordOutcome::cpr06;
    (accepted ? response.successful : response.failed) += 1;
    if (accepted || record.index >= sent.records.size()) continue;
    const UploadRecord& rejected = sent.records[record.index];
    response.returned.push_back(
        {false, rejected.subject, rejected.subject.local_id, rejected.plans});
    const bool named = record.outcome != RecordOutcome::unknown;
    response.details.push_back(
        {record.code, named ? std::string{words_of(record.outcome).display} : record.code,
         record.detail, "/FileResponse/message[" + std::to_string(response.returned.size()) + "]"});
  }
  return response;
}

UploadResult join_response(const FileResponse& response, const UploadFile& sent,
                           Findings& findings) {
  UploadResult result;
  result.sequence = response.sequence;
  result.created = response.created;
  if (!response.file_codes.empty()) result.code = response.file_codes.front().code;
  result.outcome = file_outcome_of(result.code);

  const SentRecords records{sent};
  for (std::size_t i = 0; i < sent.records.size(); ++i) {
    result.records.push_back({i, default_outcome(result.outcome), "", ""});
  }
  for (std::size_t i = 0; i < response.details.size(); ++i) {
    const RecordDetail& detail = response.details[i];
    const std::size_t index = index_of(detail, i, response, records);
    if (index == nowhere) {
      findings.push_back({Severity::error, "V3-LOCATION", "", 0,
                          "acknowledgementRecordDetail[" + std::to_string(i + 1) + "]",
                          "no record of the file can be told from this code"});
      continue;
    }
    result.records[index] = {index, record_outcome_of(detail.code), detail.code, detail.detail};
  }
  count_outcomes(result);
  report_totals(response, result, sent.records.size(), findings);
  return result;
}

}  // namespace cpis::spine
