# As Decode950.java, by Ruby's transcoder.
$stdout.sync = true
while (line = $stdin.gets)
  text = [line.chomp].pack('H*').force_encoding('CP950').encode('UTF-8')
  puts "#{text.codepoints.map { |point| point.to_s(16) }.join('+')} #{text.encode('CP950').unpack1('H*')}"
end
