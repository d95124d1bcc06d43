# caller.rb LIBRARY FILE HABIT...: a program in Ruby; FILE is what it uploads.
require_relative "cshis"

DIRT = "\xA5".b
RUBBISH = "\xFE\x01Q\xFF".b * 16
$stdout.sync = true
path, $file, *habits = ARGV
LIBRARY = Cshis.new(path)

def text(record, from, width) = record[from, width].force_encoding("CP950").encode("UTF-8").strip

def person(record) = [text(record, 0, 12), text(record, 12, 20), text(record, 32, 10), text(record, 42, 7)]

def kept(record, from) = record[from..].delete(DIRT).empty? ? "kept" : "CHANGED"

# A call whose last arguments are a record and its length. Out: code, length, the whole record.
def read(name, *before, size: 72, word: "s")
  record, length = DIRT * size, [size].pack(word)
  [LIBRARY.public_send(name, *before, record, length), length.unpack1(word), record]
end

def whole_visit(habit, count = 1)
  _, _, who = read("hisGetBasicData")
  code, length, number = read("hisGetSeqNumber256", yield("01"), yield(" "), yield("1"), size: 296)
  puts [habit, "number", code, length, text(number, 13, 4)].join(" ")
  at = number[0, 13]
  data = (at + "1AC44444100        TIDPC             03000090001") * count
  code, length, = read("hisWriteMultiPrescriptSign", yield(at), yield(who[32, 10]), yield(who[42, 7]), yield(data),
                       [count].pack("s"), size: 40 * count)
  puts [habit, "write", code, length].join(" ")
  puts [habit, "back", LIBRARY.csUnGetSeqNumber(yield(at))].join(" ")
end

def visit
  puts "visit open #{LIBRARY.csOpenCom(0)}", "visit sam #{LIBRARY.csVerifySAMDC}"
  code, record = LIBRARY.read_basic
  puts ["visit basic", code, record.size, *person(record)].join(" ")
  puts "visit status #{LIBRARY.hisGetCardStatus(2)}"
  whole_visit("visit", 2) { |value| value }
  puts "visit close #{LIBRARY.csCloseCom}"
end

def large
  code, length, record = read("hisGetBasicData", size: 4096)
  puts ["large basic", code, length, *person(record), kept(record, 72)].join(" ")
end

def unterminated = whole_visit("unterminated") { |value| value.b + RUBBISH }

def blanks = whole_visit("blanks") { |value| value.ljust(200) }

def wide
  puts "wide status #{LIBRARY.hisGetCardStatus(0x4FFB0002)}"
  code, length, record = read("hisGetBasicData", word: "l")
  puts ["wide basic", code, length, *person(record)].join(" ")
end

def marks
  3.times do |mark|
    code, _, number = read("hisGetSeqNumber256", "01", " ", [mark].pack("C"), size: 296)
    puts ["marks", mark, code, text(number, 13, 4), LIBRARY.csUnGetSeqNumber(number[0, 13])].join(" ")
  end
end

def threads
  crowd = 8.times.map do
    Thread.new { 10.times.count { LIBRARY.read_basic.then { |code, record| code.zero? && record[0, 12] == "000073898381" } } }
  end
  puts "threads #{crowd.sum(&:value)} of 80"
end

def reopen
  good = 20.times.count do
    LIBRARY.csOpenCom(0).zero? && LIBRARY.read_basic.first.zero? && LIBRARY.csCloseCom.zero?
  end
  puts "reopen #{good} of 20"
end

def version
  room = DIRT * 64
  puts ["version", LIBRARY.csGetVersionEx(room), room[/\A[^\0]*/n], kept(room, 16)].join(" ")
end

def order
  puts "order close #{LIBRARY.csCloseCom}"
  code, length, record = read("hisGetBasicData")
  puts ["order basic", code, length, *person(record)].join(" ")
  code, length, record = read("hisGetBasicData", size: 71)
  puts ["order small", code, length, kept(record, 0)].join(" ")
  puts "order null #{LIBRARY.hisGetBasicData(nil, nil)}", "order back #{LIBRARY.csUnGetSeqNumber("1010101010101")}"
end

def upload
  code, length, receipt = read("csUploadData", $file, "3".b + RUBBISH, "1".b + RUBBISH, size: 50)
  puts ["upload", code, length, text(receipt, 0, 22)].join(" ")
end

def names
  ENV["UPLOAD_NAMES"].split("|").each do |name|
    code, = read("csUploadData", name.b + RUBBISH, name.size.to_s.b + RUBBISH, "1".b + RUBBISH, size: 50)
    puts "names #{name.size} #{code}"
  end
end

def chinese
  puts "chinese #{LIBRARY.hisWriteInoculateData("Z299999929", "0920315", "流感疫".encode("CP950"), "TEST0010")}"
end

def offline
  puts "offline open #{LIBRARY.csOpenCom(0)}"
  code, length, = read("hisGetBasicData")
  puts "offline basic #{code} #{length}"
end

habits.each { |habit| send(habit) }
