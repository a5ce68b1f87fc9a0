#include <sstream>
#include <utility>

#include "gateway/config/values.h"

// The keys of mesh.* and of the councils that use it.

namespace cpis::config {
namespace {

// http:// is for a simulated MESH on this machine only.
bool is_safe_url(std::string_view url) {
  constexpr std::string_view clear = "http://";
  if (url.starts_with("https://")) return true;
  if (!url.starts_with(clear)) return false;
  const std::string_view host = url.substr(clear.size());
  return is_loopback(host.substr(0, host.find_first_of(":/")));
}

bool is_mailbox(std::string_view id) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !id.empty() && id.size() <= 100 && id.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

MeshLink read_mesh(const Values& values, Findings& findings) {
  MeshLink link;
  link.url = values.text("mesh.url");
  while (link.url.ends_with('/')) link.url.pop_back();
  link.shared_key = values.text("mesh.shared_key");
  link.tls = read_tls(values, "mesh.tls", findings);
  link.authority = values.text("mesh.tls.ca");
  link.to = values.text("mesh.to");
  std::istringstream from{values.text("mesh.from")};
  for (std::string mailbox; from >> mailbox;) link.from.push_back(std::move(mailbox));
  if (link.from.empty()) link.from.push_back(link.to);
  link.workflow = values.text("mesh.workflow");
  link.file_name = values.text("mesh.file_name");
  link.subject = values.text("mesh.subject");
  link.chunk_bytes = values.number("mesh.chunk_kb") * 1024;
  link.gzip = values.flag("mesh.gzip");
  link.poll = std::chrono::seconds{values.number("mesh.poll_seconds")};
  link.retry = std::chrono::seconds{values.number("mesh.retry_seconds")};
  link.resubmit = std::chrono::seconds{values.number("mesh.resubmit_seconds")};
  return link;
}

void check_mesh(const Settings& settings, const Values& values, Findings& findings) {
  const CouncilSetting* user = nullptr;
  for (const CouncilSetting& council : settings.councils) {
    if (!council.over_mesh) continue;
    user = &council;
    const std::string prefix = "council." + council.council.ods_code;
    const Entry* chosen = values.entry(prefix + ".transport");
    if (!is_mailbox(council.mesh_mailbox)) {
      report(findings, chosen, prefix + ".mesh.mailbox",
             "is missing or not in capitals: the id of this council's MESH mailbox");
    }
    if (council.mesh_password.empty()) {
      report(findings, chosen, prefix + ".mesh.password", "is missing: that mailbox's password");
    }
  }
  if (user == nullptr) return;
  const Entry* chosen = values.entry("council." + user->council.ods_code + ".transport");
  const auto demand = [&](std::string_view key, bool good, std::string why) {
    const Entry* entry = values.entry(key);
    if (!good) report(findings, entry != nullptr ? entry : chosen, key, std::move(why));
  };
  const MeshLink& link = settings.mesh;
  demand("mesh.url", is_safe_url(link.url),
         "say https://..., where the MESH API is (http:// only on this machine)");
  demand("mesh.shared_key", !link.shared_key.empty(), "is missing: the environment's shared key");
  demand("mesh.tls.certificate", link.tls.enabled() || !link.url.starts_with("https://"),
         "is missing: MESH knows us by our client certificate");
  demand("mesh.to", is_mailbox(link.to), "is missing or not in capitals: the mailbox of CP-IS");
  demand("mesh.workflow", !link.workflow.empty(), "is missing: the workflow id of uploads");
}

}  // namespace cpis::config
