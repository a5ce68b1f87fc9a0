// Exists so that its precompiled header does (CMakeLists.txt).
