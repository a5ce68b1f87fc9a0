#define BOOST_TEST_MODULE cpis
#include <boost/test/unit_test.hpp>
