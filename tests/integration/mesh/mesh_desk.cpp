#include "tests/integration/mesh/mesh_desk.h"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <condition_variable>

#include "conformance/peers/mesh/emergency_department.h"

namespace cpis::test {
namespace {

std::string look_id(int number) {
  const std::string digits = std::to_string(number);
  return "5EE00000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

}  // namespace

NhsNumber child_number(int child) {
  for (std::uint64_t value = 9990000000U + static_cast<std::uint64_t>(child) * 100U;; ++value) {
    if (const auto number = NhsNumber::from_value(value)) return *number;
  }
}

std::string cohort_csv(const std::vector<CohortRow>& rows) {
  std::string csv =
      "source_plan_key,la_person_id,nhs_number,no_nhs_number_reason,surname,given_names,birth_date,"
      "expected_birth_date,plan_type,plan_start,plan_end,delete_date,delete_reason,legal_status,"
      "mother_la_person_id,mother_nhs_number,mother_surname,mother_given_names,mother_birth_date,"
      "owning_la\n";
  for (const CohortRow& row : rows) {
    const std::string id = std::to_string(row.child);
    const int owner = row.number_of == 0 ? row.child : row.number_of;
    csv += "P" + id + ",C" + id + "," + std::string{child_number(owner).digits()} + ",," +
           row.surname + ",Alex,2018-04-12,,CPP,2026-01-05," + row.end + ",,,,,,,,,999\n";
  }
  return csv + "#END," + std::to_string(rows.size()) + "\n";
}

MeshDesk::MeshDesk(const Clock& clock, int children) : clock_{clock} {
  auto own = registry::open_own_register("sqlite:" + folder_.file("cpis.db"), clock);
  BOOST_REQUIRE(own);
  own_ = *std::move(own);
  std::vector<registry::IndexedPerson> people;
  for (int i = 1; i <= children; ++i) {
    people.push_back({child_number(i), {"Alex", "Sample"}, parse_iso_date("2018-04-12")});
  }
  BOOST_REQUIRE(own_.registry->load_people(people));
  const auto certificates = peers::make_certificates(folder_.path());
  BOOST_REQUIRE(certificates);
  certificates_ = *certificates;
  peers::OfficeSettings settings;
  settings.shared_key = shared_key;
  const std::string council{council_mailbox};
  const std::string cpis{cpis_mailbox};
  settings.mailboxes = {{council, "password", "999"}, {cpis, "cpis-password", "X26"}};
  settings.workflows = {{"CPIS_UPLOAD", {council}, {cpis}},
                        {"CPIS_RESPONSE", {cpis}, {council}},
                        {"CPIS_NOTICE", {cpis}, {council}}};
  office_ = std::make_unique<peers::MeshOffice>(settings, clock);
  peers::DeskSettings in_chunks;
  in_chunks.chunks = 3;
  cpis_ = std::make_unique<peers::CpisDesk>(in_chunks, *office_, *own_.registry, clock);
  cpis_->know("999", council);
  peers::MeshPeerSettings peer;
  peer.tls = certificates_;
  peer_ = std::make_unique<peers::MeshPeer>(peer, *office_);
  const auto port = peer_->start();
  BOOST_REQUIRE_MESSAGE(port, (port ? "" : port.error().message));
}

MeshDesk::~MeshDesk() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  peer_->stop();
  own_.database->close();
}

net::SenderSettings MeshDesk::sender_settings() const {
  net::SenderSettings sender;
  sender.certificate_file = certificates_.client_certificate;
  sender.key_file = certificates_.client_key;
  sender.authority_file = certificates_.authority;
  sender.answer_time = std::chrono::minutes{1};
  return sender;
}

net::MeshSettings MeshDesk::client_settings(std::size_t chunk_bytes) const {
  net::MeshSettings settings;
  settings.url = peer_->base_url();
  settings.who = {std::string{council_mailbox}, "password", std::string{shared_key}};
  settings.chunk_bytes = chunk_bytes;
  return settings;
}

std::string MeshDesk::gateway_config(const std::string& intake_folder) const {
  return "council.999.name = " + testshire.name +
         "\ncouncil.999.dfe_code = 999\ncouncil.999.office_phone = 01632960001\n"
         "council.999.emergency_phone = 01632960002\ncouncil.999.transport = mesh\n"
         "council.999.mesh.mailbox = " +
         std::string{council_mailbox} +
         "\ncouncil.999.mesh.password = password\nmesh.url = " + peer_->base_url() +
         "\nmesh.shared_key = " + std::string{shared_key} + "\nmesh.tls.certificate = \"" +
         certificates_.client_certificate + "\"\nmesh.tls.key = \"" + certificates_.client_key +
         "\"\nmesh.tls.ca = \"" + certificates_.authority +
         "\"\nmesh.to = " + std::string{cpis_mailbox} +
         "\nmesh.workflow = CPIS_UPLOAD\nmesh.chunk_kb = 1\nmesh.poll_seconds = 1\n"
         "mesh.retry_seconds = 1\nmesh.resubmit_seconds = 1\nintake.folder = \"" +
         intake_folder + "\"\nintake.profile = cohort\n";
}

void MeshDesk::look(int child, int number) {
  std::mutex mutex;
  std::condition_variable told;
  bool answered = false;
  const Time now = clock_.now();
  own_.registry->ask({look_id(number), child_number(child), peers::emergency_department(), now,
                      now + std::chrono::minutes{1}},
                     [&](const ProtectionAnswer& answer) {
                       const std::lock_guard lock{mutex};
                       answered = std::holds_alternative<ProtectionRecord>(answer);
                       told.notify_all();
                     });
  std::unique_lock lock{mutex};
  BOOST_REQUIRE(told.wait_for(lock, std::chrono::minutes{1}, [&] { return answered; }));
}

void MeshDesk::run_by_itself() {
  thread_ = std::thread{[this] {
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock{mutex};
    while (!stop_) {
      cpis_->step();
      never.wait_for(lock, std::chrono::milliseconds{20});
    }
  }};
}

}  // namespace cpis::test
