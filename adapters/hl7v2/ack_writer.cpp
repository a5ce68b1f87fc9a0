#include "adapters/hl7v2/ack_writer.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "adapters/hl7v2/escapes.h"
#include "adapters/hl7v2/path.h"

namespace cpis::hl7v2 {
namespace {

constexpr std::size_t errors_max = 20;
constexpr std::size_t usual_bytes = 256;  // of an acknowledgement
constexpr std::string_view default_version = "2.4";

// 2.3.1 -> 3, 2.5 -> 5; what cannot be read counts as 2.4.
int minor_version(std::string_view version) {
  if (!version.starts_with("2.")) return 4;
  int minor = 4;
  std::from_chars(version.data() + 2, version.data() + version.size(), minor);
  return minor;
}

/// Adds one segment to `text`, field by field.
class Line {
 public:
  Line(std::string& text, std::string_view name, const Delimiters& delimiters)
      : text_{text}, begin_{text.size()}, d_{delimiters} {
    text_ += name;
  }

  Line& raw(std::string_view field) {
    text_ += d_.field;
    text_ += field;
    return *this;
  }
  Line& text(std::string_view field) {
    text_ += d_.field;
    append_escaped(text_, field, d_);
    return *this;
  }
  Line& components(std::initializer_list<std::string_view> parts) {
    char before = d_.field;
    for (const std::string_view part : parts) {
      text_ += before;
      text_ += part;
      before = d_.component;
    }
    return *this;
  }
  Line& time(Time time) {
    raw(to_digits(time));
    text_ += "+0000";
    return *this;
  }
  Line& skip(std::size_t fields) {
    text_.append(fields, d_.field);
    return *this;
  }
  // Trailing empty fields are not sent.
  void end() {
    while (text_.size() > begin_ && text_.back() == d_.field) text_.pop_back();
    text_ += '\r';
  }

 private:
  std::string& text_;
  const std::size_t begin_;
  const Delimiters& d_;
};

std::string joined(std::initializer_list<std::string_view> parts, char separator) {
  std::string text;
  bool first = true;
  for (const std::string_view part : parts) {
    if (!first) text += separator;
    text += part;
    first = false;
  }
  return text;
}

void add_type(Line& line, const MessageHeader& header) {
  if (minor_version(header.version) < 4 || header.trigger.empty()) {
    line.raw("ACK");
  } else {
    line.components({"ACK", header.trigger, "ACK"});
  }
}

void add_msh(std::string& ack, const MessageHeader& header, const AckStamp& stamp) {
  Line line{ack, "MSH", header.delimiters};
  line.raw(header.encoding_characters);
  if (header.receiving_application.empty()) {
    line.text(stamp.software);
  } else {
    line.raw(header.receiving_application);
  }
  line.raw(header.receiving_facility).raw(header.sending_application).raw(header.sending_facility);
  line.time(stamp.now).skip(1);
  add_type(line, header);
  line.text(stamp.control_id);
  line.raw(header.processing_id.empty() ? "P" : header.processing_id);
  line.raw(header.version.empty() ? default_version : header.version);
  line.skip(5).raw(header.charset).end();
}

std::string coded_0357(const AckRule& rule, const Delimiters& d, char separator) {
  return joined({std::to_string(rule.code), escape(rule.text, d), "HL70357"}, separator);
}

void add_msa(std::string& ack, const MessageHeader& header, std::string_view code,
             const AckRule& rule) {
  Line line{ack, "MSA", header.delimiters};
  line.raw(code).raw(header.control_id).text(rule.text);
  // MSA-6 carries the reason before 2.5; from 2.5 on ERR alone does.
  if (rule.code != 0 && minor_version(header.version) < 5) {
    line.skip(2).raw(coded_0357(rule, header.delimiters, header.delimiters.component));
  }
  line.end();
}

// Before 2.5, ERR-1 is `segment ^ sequence ^ field ^ code & text & HL70357`.
void add_old_err(std::string& ack, const Delimiters& d, const std::optional<Path>& path,
                 const AckRule& rule) {
  const char inner = d.subcomponent == Delimiters::none ? ' ' : d.subcomponent;
  const std::string segment = path ? path->segment : std::string{};
  const std::string sequence = path ? std::to_string(path->occurrence.value_or(1)) : std::string{};
  const std::string field = path ? std::to_string(path->field) : std::string{};
  Line{ack, "ERR", d}
      .raw(joined({segment, sequence, field, coded_0357(rule, d, inner)}, d.component))
      .end();
}

void add_new_err(std::string& ack, const Delimiters& d, const std::optional<Path>& path,
                 const AckRule& rule, const Finding& finding) {
  std::string location;
  if (path) {
    location = joined(
        {path->segment, std::to_string(path->occurrence.value_or(1)), std::to_string(path->field),
         std::to_string(path->repetition.value_or(1)), std::to_string(path->component.value_or(1))},
        d.component);
  }
  Line{ack, "ERR", d}
      .raw("")
      .raw(location)
      .raw(coded_0357(rule, d, d.component))
      .raw(finding.severity == Severity::warning ? "W" : "E")
      .skip(2)
      .text(finding.rule)
      .text(finding.text)
      .end();
}

void add_errors(std::string& ack, const MessageHeader& header, const AckRule& rule,
                const Findings& findings) {
  std::size_t written = 0;
  for (const Finding& finding : findings) {
    if (finding.severity < Severity::error || ++written > errors_max) continue;
    const auto path = Path::parse(finding.field);
    if (minor_version(header.version) < 5) {
      add_old_err(ack, header.delimiters, path, rule);
    } else {
      add_new_err(ack, header.delimiters, path, rule, finding);
    }
  }
}

bool is_asked_for(std::string_view condition, bool accepted) {
  if (condition == "NE") return false;
  if (condition == "ER") return !accepted;
  if (condition == "SU") return accepted;
  return true;
}

}  // namespace

std::optional<std::string_view> ack_code(Intake intake, const MessageHeader& header, AckMode mode,
                                         bool reject_unsupported) {
  const Verdict verdict = verdict_for(intake, reject_unsupported);
  if (verdict == Verdict::close) return std::nullopt;
  const bool accepted = verdict == Verdict::accept;
  const auto pick = [&](std::string_view a, std::string_view e, std::string_view r) {
    return accepted ? a : verdict == Verdict::error ? e : r;
  };
  const std::string_view application = pick("AA", "AE", "AR");
  const bool original = header.accept_ack.empty() && header.application_ack.empty();
  if (mode != AckMode::enhanced || original) return application;
  if (!header.accept_ack.empty() && is_asked_for(header.accept_ack, accepted)) {
    return pick("CA", "CE", "CR");
  }
  const bool wants_application =
      !header.application_ack.empty() && is_asked_for(header.application_ack, accepted);
  return wants_application ? std::optional{application} : std::nullopt;
}

std::string write_ack(const MessageHeader& header, std::string_view code, Intake intake,
                      const Findings& findings, const AckStamp& stamp) {
  AckRule rule = rule_for(intake);
  const bool accepted = code == "AA" || code == "CA";
  if (accepted) rule = rule_for(Intake::stored);
  std::string ack;
  ack.reserve(usual_bytes);
  add_msh(ack, header, stamp);
  add_msa(ack, header, code, rule);
  if (!accepted) add_errors(ack, header, rule, findings);
  return ack;
}

std::string write_batch_ack(const MessageHeader& envelope, const std::vector<std::string>& acks,
                            const AckStamp& stamp) {
  const Delimiters& d = envelope.delimiters;
  std::string batch;
  Line{batch, "BHS", d}
      .raw(envelope.encoding_characters)
      .raw(envelope.receiving_application)
      .raw(envelope.receiving_facility)
      .raw(envelope.sending_application)
      .raw(envelope.sending_facility)
      .time(stamp.now)
      .skip(3)
      .text(stamp.control_id)
      .end();
  for (const std::string& ack : acks) batch += ack;
  Line{batch, "BTS", d}.raw(std::to_string(acks.size())).end();
  return batch;
}

}  // namespace cpis::hl7v2
