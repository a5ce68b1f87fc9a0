// Speed of reading one HL7 v2 message, as a table of JSON lines that stand beside the peers' own.
// Not a test: run it from a release build. Usage: bench_hl7v2 [MESSAGE-FILE [SECONDS]]

#include <ctime>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>

#include "adapters/fhir_r4/v2_map/convert.h"
#include "adapters/hl7v2/ack_writer.h"
#include "adapters/hl7v2/message_fields.h"
#include "adapters/hl7v2/mllp_framer.h"
#include "adapters/hl7v2/understanding.h"
#include "profiles/v2_to_fhir/v2_tables.h"

using namespace cpis;

namespace {

constexpr std::string_view own_message =
    "MSH|^~\\&|EDSYS|RXX01|GW|RXX|20260311142530||ADT^A04^ADT_A01|CTRLID000000|P|2.4|||AL|NE|GBR|"
    "UNICODE UTF-8\rEVN|A04|20260311142500||||20260311142445|RXX01\r"
    "PID|1||9990123454^^^NHS^NH~H400001^^^RXX01^MR||OAKHANGER^FERN^MAY^^MISS^^L||20180920|2|||"
    "1 LONG LANE^NETHERBY^MALTON^NORTH YORKSHIRE^YO99 9ZZ^GBR^H||01632960001^PRN^PH|||||||||||||||"
    "||||NSTS01\rPD1|||MADE UP PRACTICE^^Y99901|G9999981^Hazel^Gregory^^^Dr^^^GMC\r"
    "NK1|1|OAKHANGER^MOSS^^^MR^^L|13|1 LONG LANE^NETHERBY^MALTON^^YO99 9ZZ|01632960001\r"
    "PV1|1|E|ED^PAEDS^CUBICLE 3^RXX01|21|||C9999991^Rowan^Samuel^^^Dr^^^GMC|||180|||||||||"
    "ED0001^^^RXX_VISIT|||||||||||||||||||||||||202603111424\rPV2|||Fell from climbing frame\r";

// Rounds of processor time of this one-threaded program.
void measure(const std::string& name, std::size_t bytes, double seconds,
             const std::function<bool()>& once) {
  constexpr int batch = 200;
  std::size_t rounds = 0;
  bool good = true;
  const std::clock_t start = std::clock();
  double used = 0;
  while (used < seconds) {
    for (int i = 0; i < batch; ++i) good = once() && good;
    rounds += batch;
    used = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  }
  const auto rate = static_cast<long>(static_cast<double>(rounds) / used);
  std::cout << "{\"parser\":\"" << name << "\",\"msg_per_cpu_s\":" << rate
            << ",\"us\":" << used * 1e6 / static_cast<double>(rounds) << ",\"bytes\":" << bytes
            << ",\"good\":" << (good ? "true" : "false") << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
  std::string text{own_message};
  if (argc > 1) {
    std::ifstream in{argv[1], std::ios::binary};
    text.assign(std::istreambuf_iterator<char>{in}, {});
  }
  const double seconds = argc > 2 ? std::stod(argv[2]) : 2;
  const hl7v2::FeedSettings feed;
  measure("parse, PID-3 and PV1-2 read", text.size(), seconds, [&] {
    Findings findings;
    const auto message = hl7v2::Message::parse(text, findings);
    return message && !message->field("PID", 3).text().empty() &&
           !message->field("PV1", 2).text().empty();
  });
  measure("read for its answer", text.size(), seconds,
          [&] { return hl7v2::read_receipt(text, feed).intake == hl7v2::Intake::stored; });
  const hl7v2::Receipt receipt = hl7v2::read_receipt(text, feed);
  measure("acknowledged", text.size(), seconds, [&] {
    return !hl7v2::write_ack(
                receipt.header, "AA", receipt.intake, receipt.findings,
                {"1234567890123456", Time{std::chrono::hours{496'000}}, "CPIS-GATEWAY"})
                .empty();
  });
  measure("understood as an event", text.size(), seconds,
          [&] { return hl7v2::understand(text, feed).event.has_value(); });
  fhir_r4::v2::Tables tables;
  for (const profiles::V2Table& table : profiles::v2_tables()) {
    if (!tables.add(table.json)) return 1;
  }
  const hl7v2::Understanding read = hl7v2::understand(text, feed);
  if (!read.event) return 1;
  const hl7v2::MessageFields fields{*read.message, feed};
  measure("mapped to FHIR by the tables", text.size(), seconds, [&] {
    Findings findings;
    return !fhir_r4::v2::convert(fields, *read.event, tables, {}, findings).empty();
  });
  return 0;
}
