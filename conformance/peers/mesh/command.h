#pragma once

#include <cstdint>
#include <string>

namespace cpis::peers {

struct MeshCommand {
  std::string folder;                 ///< for certificates and its register; must exist
  std::string council = "999";        ///< whose mailbox it is
  std::string mailbox = "X26ABC1";    ///< of the council
  std::string password = "password";  ///< of that mailbox
  std::string shared_key = "TestKey";
  std::string cpis_mailbox = "X26CPIS";
  std::string person_index;  ///< CSV of the invented county: who PDS knows; may be empty
  std::string misbehave;     ///< `send=lost,acknowledge=503,...`; may be empty
  std::uint16_t port = 0;
  bool plain = false;  ///< without TLS
};

/// Runs the simulated MESH with CP-IS behind it until standard input ends. Lines on standard input:
/// `look NHSNUMBER` (an emergency department looks), `inactive NHSNUMBER [NEWNUMBER]`, `cpf05 N`
/// and `bad N` (how the next N uploads fare), `stop`. Gives the exit code.
int run_mesh(const MeshCommand& command);

}  // namespace cpis::peers
