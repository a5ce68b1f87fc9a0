// Exists so that its precompiled header does (tests/CMakeLists.txt).
int main() { return 0; }
