# Shared build rules: warnings, sanitizers, and one function per kind of target.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(GTest REQUIRED)
find_package(fmt REQUIRED)
find_package(mimalloc REQUIRED)

include(${CMAKE_CURRENT_LIST_DIR}/link_graph.cmake)

add_library(steer_options INTERFACE)
target_compile_options(steer_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-align
  -Wimplicit-fallthrough -Wno-missing-field-initializers -Werror
  # g++ 12 sees overlaps in "text" + std::string that are not there (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # And under -O3 it sees fmt 9 write behind a fill of four octets, which it does not.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>
  $<$<CONFIG:Debug>:-O1 -g>
  $<$<CONFIG:Release>:-O3 -g1 -fno-plt>)
# Runs on every x86-64; the order of instructions and the choice among equals suit servers of the last
# ten years: 6 % per message (BM_Engine_Mixed, on an AMD EPYC; -mtune=znver3 gave 4 %).
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  target_compile_options(steer_options INTERFACE $<$<CONFIG:Release>:-mtune=skylake-avx512>)
endif()
target_compile_definitions(steer_options INTERFACE $<$<CONFIG:Debug>:STEER_DEBUG=1>)
target_include_directories(steer_options INTERFACE ${PROJECT_SOURCE_DIR})
if(STEER_SANITIZE)
  # With the sanitizers' code in between, g++ sees std::regex and std::function read what they wrote.
  target_compile_options(steer_options INTERFACE
    -fsanitize=${STEER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(steer_options INTERFACE -fsanitize=${STEER_SANITIZE})
endif()
if(STEER_FUZZ)
  target_compile_options(steer_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "")
set(CMAKE_CXX_FLAGS_DEBUG "")

# steer_library(NAME HEADERS a.h ... SOURCES a.cc ... LINK steer_core_base ... PRIVATE_LINK PkgConfig::X ...)
# One static library per folder. LINK names the folders it may use, so the link graph is the include
# rule; PRIVATE_LINK names outside libraries, which no header of ours shows to its users.
function(steer_library NAME)
  cmake_parse_arguments(ARG "" "" "HEADERS;SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(${NAME} STATIC ${ARG_SOURCES})
  target_sources(${NAME} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARG_HEADERS})
  set_target_properties(${NAME} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON LINKER_LANGUAGE CXX)
  target_link_libraries(${NAME} PUBLIC steer_options ${ARG_LINK} PRIVATE ${ARG_PRIVATE_LINK})
  steer_note_links(${NAME})
endfunction()

# steer_test(NAME SOURCES a_test.cc ... LINK steer_core_base ...)
function(steer_test NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  target_link_libraries(${NAME} PRIVATE steer_options steer_test_support ${ARG_LINK} GTest::gtest GTest::gmock)
  include(GoogleTest)
  gtest_discover_tests(${NAME} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endfunction()

# steer_executable(NAME SOURCES main.cc ... LINK ...). Every program gets mimalloc, linked and not included.
function(steer_executable NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  target_link_libraries(${NAME} PRIVATE steer_options ${ARG_LINK} Threads::Threads)
  if(NOT STEER_SANITIZE)
    target_link_options(${NAME} PRIVATE -Wl,--no-as-needed)
    target_link_libraries(${NAME} PRIVATE mimalloc)
  endif()
endfunction()
