#include "adapters/spine/reply.h"

#include <algorithm>
#include <utility>

#include "adapters/spine/soap.h"

namespace cpis::spine {
namespace {

Reply unclear(ErrorKind kind, std::string text) {
  return {ReplyKind::unclear, std::nullopt, {kind, std::move(text)}};
}

bool is_duplicate(const SoapFault& fault) {
  return std::any_of(fault.errors.begin(), fault.errors.end(), [](const TmsError& error) {
    return error.code == "401" || error.code == "30134";
  });
}

Reply from_fault(const SoapFault& fault) {
  if (is_duplicate(fault)) return {ReplyKind::accepted, std::nullopt, {ErrorKind::fault, ""}};
  // A fault without codes says nothing about what was done before it was raised.
  if (fault.errors.empty()) return unclear(ErrorKind::fault, "a fault without a code");
  const ReplyKind kind = may_be_resent(fault) ? ReplyKind::resend : ReplyKind::refused;
  return {kind, std::nullopt, error_from(fault)};
}

Reply from_answer(Reading<Answer> read) {
  if (!read.value) return unclear(ErrorKind::fault, "the answer could not be read");
  if (read.value->kind == AnswerKind::accepted) {
    return {ReplyKind::accepted, std::nullopt, {ErrorKind::fault, ""}};
  }
  return {ReplyKind::answered, std::move(read.value), {ErrorKind::fault, ""}};
}

Reply from_ebxml_errors(const EbxmlMessage& message) {
  std::string words = "the message handler refused the message";
  for (const EbxmlError& error : message.errors) {
    if (error.code.size() < 40) words += " " + error.code;
    if (error.description.size() < 80) words += " " + error.description;
  }
  return {ReplyKind::refused, std::nullopt, {ErrorKind::fault, words}};
}

// An acknowledgement comes alone, and has been parsed to see whether it is a fault.
Reply from_async(std::string_view content_type, std::string_view body,
                 const std::optional<SoapMessage>& soap) {
  const auto message = soap ? read_ebxml(soap->document.root()) : read_ebxml(content_type, body);
  if (message.value) {
    if (message.value->kind == EbxmlKind::error) return from_ebxml_errors(*message.value);
    if (message.value->kind == EbxmlKind::acknowledgment) {
      return {ReplyKind::accepted, std::nullopt, {ErrorKind::fault, ""}};
    }
    return from_answer(read_answer(message.value->payload));
  }
  return unclear(ErrorKind::fault, "the response is neither an acknowledgement nor an error");
}

}  // namespace

Reply read_reply(Pattern pattern, int http_status, std::string_view content_type,
                 std::string_view body) {
  const bool taken = http_status >= 200 && http_status < 300;
  const bool blank = body.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (http_status == 202 && blank)
    return {ReplyKind::accepted, std::nullopt, {ErrorKind::fault, ""}};
  const auto soap = blank ? Reading<SoapMessage>{} : read_soap(body);
  if (soap.value && soap.value->fault) return from_fault(*soap.value->fault);
  if (taken && pattern != Pattern::sync) return from_async(content_type, body, soap.value);
  if (taken && soap.value) return from_answer(read_answer(soap.value->document.root()));
  if (taken && !blank) return from_answer(read_answer(body));
  if (!taken && pattern != Pattern::sync && soap.value) {
    const auto message = read_ebxml(soap.value->document.root());
    if (message.value && message.value->kind == EbxmlKind::error) {
      return from_ebxml_errors(*message.value);
    }
  }
  const std::string status = "HTTP status " + std::to_string(http_status);
  // A gateway in front of Spine that says so has not passed the message on.
  if (http_status == 503 || http_status == 429) {
    return {ReplyKind::resend, std::nullopt, {ErrorKind::unavailable, status}};
  }
  if (http_status == 401 || http_status == 403) {
    return {ReplyKind::refused, std::nullopt, {ErrorKind::forbidden, status}};
  }
  if (http_status >= 400 && http_status < 500) {
    return {ReplyKind::refused, std::nullopt, {ErrorKind::fault, status}};
  }
  return unclear(http_status == 504 ? ErrorKind::timeout : ErrorKind::fault, status);
}

}  // namespace cpis::spine
