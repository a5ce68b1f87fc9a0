#include "conformance/load/answers.h"

#include <algorithm>
#include <charconv>

namespace cpis::load {

namespace {

constexpr char start_block = '\x0B';
constexpr std::string_view end_block = "\x1C\r";

Answer read_http(std::string_view arrived) {
  Answer answer;
  const std::size_t header_end = arrived.find("\r\n\r\n");
  if (header_end == std::string_view::npos) return answer;
  const std::string_view header = arrived.substr(0, header_end + 2);
  constexpr std::string_view length_name = "\r\nContent-Length: ";
  const std::size_t at = header.find(length_name);
  std::size_t length = 0;
  if (at != std::string_view::npos) {
    const std::string_view digits = header.substr(at + length_name.size());
    std::from_chars(digits.data(), digits.data() + digits.size(), length);
  }
  if (!header.starts_with("HTTP/1.1 ") || header.size() < 12) {
    answer.state = Answer::State::broken;
    return answer;
  }
  answer.bytes = header_end + 4 + length;
  if (arrived.size() < answer.bytes) return answer;
  answer.state = Answer::State::whole;
  answer.good = header[9] == '2';
  answer.closing = header.find("\r\nConnection: close") != std::string_view::npos;
  answer.content = arrived.substr(header_end + 4, length);
  return answer;
}

Answer read_mllp(std::string_view arrived) {
  Answer answer;
  if (arrived.empty()) return answer;
  if (arrived.front() != start_block) {
    answer.state = Answer::State::broken;
    return answer;
  }
  const std::size_t end = arrived.find(end_block);
  if (end == std::string_view::npos) return answer;
  answer.state = Answer::State::whole;
  answer.bytes = end + end_block.size();
  answer.content = arrived.substr(1, end - 1);
  const std::size_t msa = answer.content.find("\rMSA|");
  if (msa == std::string_view::npos) return answer;
  const std::string_view code = answer.content.substr(msa + 5, 2);
  answer.good = code == "AA" || code == "CA";
  return answer;
}

// The modulus 11 check digit; ten when the nine digits have none and are never issued.
unsigned check_digit(std::string_view nine_digits) {
  unsigned sum = 0;
  for (unsigned i = 0; i < 9; ++i) sum += static_cast<unsigned>(nine_digits[i] - '0') * (10 - i);
  return (11 - sum % 11) % 11;
}

// Numbers of the 999 range, which is kept for tests. The first that has a check digit counts.
std::string test_nhs_number(std::uint64_t number) {
  for (std::uint64_t serial = number % 1'000'000;; serial = (serial + 1) % 1'000'000) {
    std::string digits = std::to_string(serial);
    digits = "999" + std::string(6 - digits.size(), '0') + digits;
    const unsigned check = check_digit(digits);
    if (check < 10) return digits + static_cast<char>('0' + check);
  }
}

}  // namespace

Answer read_answer(Wire wire, std::string_view arrived) {
  return wire == Wire::http ? read_http(arrived) : read_mllp(arrived);
}

bool acknowledges(std::string_view acknowledgement, std::string_view control_id) {
  const std::size_t msa = acknowledgement.find("\rMSA|");
  if (msa == std::string_view::npos) return false;
  std::string_view field = acknowledgement.substr(std::min(msa + 8, acknowledgement.size()));
  field = field.substr(0, field.find_first_of("|\r"));
  return field == control_id;
}

std::string get_request(std::string_view target, std::string_view more_header_lines) {
  std::string request = "GET ";
  request += target;
  request += " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/fhir+json\r\n";
  request += more_header_lines;
  return request + "\r\n";
}

std::string admission_message(std::uint64_t number) {
  const std::string id = std::to_string(number);
  std::string message{start_block};
  message += "MSH|^~\\&|LOADGEN|RXX01|CPISGW|RXX01|20260311142530||ADT^A04^ADT_A01|LOAD" + id +
             "|P|2.4|||AL|NE|GBR|UNICODE UTF-8\r";
  message += "EVN||20260311142500||||20260311142445\r";
  message += "PID|1||" + test_nhs_number(number) + "^^^NHS^NH~M" + id +
             "^^^RXX01^PI||CHISLETT^Octavia^Wren^^Miss^^L||20180920|2|||1 Sample Way^^Testford^^"
             "ZZ99 3WZ^GBR^H||^PRN^PH^^^^01632960001||||||||||A\r";
  message += "PD1|||SAMPLE SURGERY^^Z00001|G0000001^EXAMPLE^Ada\r";
  message += "PV1|1|E|ED^PAEDS^^RXX01|||||||180||||||||A|V" + id +
             "|||||||||||||||||||||||||20260311142445\r";
  message += "PV2|||^Unwell child\r";
  message += end_block;
  return message;
}

}  // namespace cpis::load
