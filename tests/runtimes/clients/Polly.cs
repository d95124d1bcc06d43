// The names of Polly that a generated client mentions; it uses them only where a program sets a policy.
using System;
using System.Threading.Tasks;

namespace Polly {
    public enum OutcomeType { Successful, Failure }

    public class PolicyResult<T> {
        public OutcomeType Outcome { get; }
        public T Result { get; }
        public Exception FinalException { get; }
    }

    public interface ISyncPolicy<T> {
        PolicyResult<T> ExecuteAndCapture(Func<T> action);
    }

    public interface IAsyncPolicy<T> {
        Task<PolicyResult<T>> ExecuteAndCaptureAsync(Func<Task<T>> action);
    }
}
