require "fiddle"

# cshis.dll on Windows, libcshis.so on Linux. Texts: "01" is enough. A record is a String of its size, made anew for
# each call ("\0".b * 72): Ruby shares the bytes of a string with its copies and slices.
class Cshis
  INT, BYTES = Fiddle::TYPE_INT, Fiddle::TYPE_VOIDP
  FUNCTIONS = {
    "csOpenCom" => [INT],
    "csCloseCom" => [],
    "csVerifySAMDC" => [],
    "csGetVersionEx" => [BYTES],
    "hisGetCardStatus" => [INT],
    "hisGetBasicData" => [BYTES, BYTES],
    "hisGetSeqNumber256" => [BYTES, BYTES, BYTES, BYTES, BYTES],
    "hisWriteMultiPrescriptSign" => [BYTES, BYTES, BYTES, BYTES, BYTES, BYTES, BYTES],
    "csUnGetSeqNumber" => [BYTES],
    "hisWriteInoculateData" => [BYTES, BYTES, BYTES, BYTES],
    "csUploadData" => [BYTES, BYTES, BYTES, BYTES, BYTES],
  }

  def initialize(path)
    library = Fiddle.dlopen(path)
    convention = Fiddle::WINDOWS && Fiddle::SIZEOF_VOIDP == 4 ? Fiddle::Function::STDCALL : Fiddle::Function::DEFAULT
    FUNCTIONS.each do |name, arguments|
      function = Fiddle::Function.new(library[name], arguments, INT, convention)
      define_singleton_method(name) { |*given| function.call(*given) }
    end
  end

  # Out: the code, and the record as it was filled. Its name: record[12, 20].force_encoding("CP950").encode("UTF-8").rstrip
  def read_basic
    record, length = "\0".b * 72, [72].pack("s")
    code = hisGetBasicData(record, length)
    [code, record[0, length.unpack1("s")]]
  end
end
