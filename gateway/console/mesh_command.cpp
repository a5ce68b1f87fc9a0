#include <iostream>

#include "gateway/console/commands.h"
#include "gateway/console/console.h"
#include "gateway/store/open.h"
#include "gateway/usecases/mesh_book.h"

namespace cpis::console {
namespace {

constexpr int rows_shown = 20;

std::string_view name_of(usecases::MeshMessageState state) {
  constexpr std::string_view names[] = {"kept", "processed", "repeated", "UNCLEAR"};
  return names[static_cast<std::size_t>(state)];
}

Status print_council(store::Session& session, const config::CouncilSetting& council) {
  const std::string& code = council.council.ods_code;
  const auto uploads = usecases::list_mesh_uploads(session, code, rows_shown);
  if (!uploads) return uploads.error();
  const auto messages = usecases::list_mesh_messages(session, council.mesh_mailbox, rows_shown);
  if (!messages) return messages.error();
  std::cout << code << ", mailbox " << council.mesh_mailbox << ": the newest " << uploads->size()
            << " uploads\n";
  for (const usecases::MeshUpload& upload : *uploads) {
    std::cout << "  " << upload.sequence << '\t' << to_iso(upload.made) << '\t'
              << name_of(upload.state) << '\t' << upload.outcome << '\t' << upload.attempts
              << " attempts\t" << upload.message_id << '\t' << upload.trouble << '\n';
  }
  std::cout << code << ": the newest " << messages->size() << " files that came\n";
  for (const usecases::MeshMessage& message : *messages) {
    std::cout << "  " << message.parcel.id << '\t' << to_iso(message.received) << '\t'
              << name_of(message.state) << '\t' << message.what << '\n';
  }
  return done;
}

}  // namespace

int list_mesh(const std::string& config) {
  const auto settings = load_settings(config);
  if (!settings) return exit_config;
  store::OpenOptions read_only;
  read_only.read_only = settings->store_url.find("mysql://") == std::string::npos;
  auto database = store::open_database(settings->store_url, read_only);
  if (!database) {
    std::cerr << "the store cannot be opened: " << database.error().message << '\n';
    return exit_store;
  }
  bool any = false;
  for (const config::CouncilSetting& council : settings->councils) {
    if (!council.over_mesh) continue;
    any = true;
    const Status printed =
        (*database)->read([&](store::Session& session) { return print_council(session, council); });
    if (printed) continue;
    std::cerr << "what travels over MESH cannot be read: " << printed.error().message << '\n';
    return exit_store;
  }
  if (!any) std::cout << "no council has council.CODE.transport = mesh\n";
  return exit_ok;
}

}  // namespace cpis::console
