// What openapi.json says is served beside the FHIR interactions is served.

#include <boost/test/unit_test.hpp>
#include <string>

#include "gateway/fhir_api/other_places.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/tcp_client.h"

using namespace cpis;
using namespace cpis::test;

BOOST_AUTO_TEST_SUITE(openapi_tests)

BOOST_AUTO_TEST_CASE(every_place_of_the_document_answers_to_its_method) {
  const RunningGateway gateway;
  for (const fhir_api::OtherPlace& place : fhir_api::other_places(false)) {
    BOOST_TEST_CONTEXT(place.method << ' ' << place.path) {
      if (place.answers == "text/event-stream") {
        TcpClient client{gateway.gateway->http_port()};
        client.send("GET " + place.path + " HTTP/1.1\r\nHost: test\r\n\r\n");
        BOOST_TEST(client.read_until("\r\n\r\n").find(place.answers) != std::string::npos);
        continue;
      }
      std::string path = place.path;
      const std::size_t id = path.find("{id}");
      if (id != std::string::npos) path.replace(id, 4, "1");
      const std::string method = place.method == "get" ? "GET" : "POST";
      const std::string type =
          place.sends.empty() ? "" : "Content-Type: " + std::string{place.sends} + "\r\n";
      const std::string answer = gateway.request(method, path, type, "");
      BOOST_TEST_CONTEXT(answer) {
        BOOST_TEST(!answer.starts_with("405"));
        BOOST_TEST(!answer.starts_with("415"));
        // There is no notice 1; but there is a page for it.
        if (id == std::string::npos) BOOST_TEST(!answer.starts_with("404"));
        BOOST_TEST(answer.find("there is nothing here") == std::string::npos);
      }
      const std::string other = gateway.request("DELETE", path, "", "");
      BOOST_TEST(other.starts_with("405"));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
